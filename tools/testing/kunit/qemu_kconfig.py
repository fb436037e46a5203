# SPDX-License-Identifier: GPL-2.0
#
# The configuration of a kernel for a machine of QEMU: what is asked for, merged
# from several places, and whether it was obtained.
#
# Everything that nobody asked for is off (allnoconfig): such a kernel builds
# and boots fast, and each of its options has a reason written down.

import os
import re

from typing import Dict, List, NamedTuple

import kunit_config

CONFIG = '.config'
# What .config was made from, kept to see when it has to be made again
REQUEST = '.kunitrequest'
# Lists the Kconfig files that .config depends on, written by make
DEPENDENCIES = 'include/config/auto.conf.cmd'

class KconfigError(Exception):
	"""The options asked for cannot be read or were not obtained."""

class Wish(NamedTuple):
	value: str
	origin: str

def parse_options(text: str, origin: str) -> Dict[str, str]:
	"""Maps names to values, in order; of two lines with one name the later wins."""
	options = {}
	for number, line in enumerate(text.splitlines(), 1):
		line = line.strip()
		match = re.match(kunit_config.CONFIG_PATTERN, line)
		unset = re.match(kunit_config.CONFIG_IS_NOT_SET_PATTERN, line)
		if match:
			options[match.group(1)] = match.group(2)
		elif unset:
			options[unset.group(1)] = 'n'
		elif line and not line.startswith('#'):
			raise KconfigError('%s line %d is no option: %s' %
					   (origin, number, line))
	return options

def read_options(path: str) -> Dict[str, str]:
	try:
		with open(path) as file:
			return parse_options(file.read(), path)
	except OSError as e:
		raise KconfigError('cannot read %s: %s' % (path, e.strerror))

class KconfigRequest:
	"""The options asked for; what is merged later wins."""

	def __init__(self, made_by: List[str]):
		# Another compiler or architecture is another request.
		self.made_by = ' '.join(made_by)
		self.wishes: Dict[str, Wish] = {}

	def merge(self, options: Dict[str, str], origin: str) -> None:
		for name, value in options.items():
			self.wishes[name] = Wish(value, origin)

	def merge_file(self, path: str) -> None:
		self.merge(read_options(path), path)

	def text(self) -> str:
		lines = ['# ' + self.made_by]
		for name, wish in self.wishes.items():
			lines.append(str(kunit_config.KconfigEntry(name,
								   wish.value)))
		return '\n'.join(lines) + '\n'

	def unmet(self, config: Dict[str, str]) -> List[str]:
		"""A line for each option that .config has otherwise."""
		lines = []
		for name, wish in self.wishes.items():
			value = config.get(name, 'n')
			if value == wish.value:
				continue
			became = value
			if name not in config:
				became = 'missing (unknown here, or what it depends on is off)'
			elif value == 'n':
				became = 'not set'
			lines.append('CONFIG_%s=%s of %s became: %s' %
				     (name, wish.value, wish.origin, became))
		return lines

def kconfig_changed(build_dir: str, since: float) -> bool:
	"""Has a Kconfig file been touched since? Without a list nobody knows."""
	try:
		with open(os.path.join(build_dir, DEPENDENCIES)) as file:
			files = re.findall(r'^\t(\S+) \\$', file.read(), re.MULTILINE)
		return any(os.path.getmtime(f) > since for f in files)
	except OSError:
		return True

def is_current(request: KconfigRequest, build_dir: str) -> bool:
	"""Was .config made from this very request, by these very Kconfig files?"""
	path = os.path.join(build_dir, REQUEST)
	try:
		with open(path) as file:
			same = file.read() == request.text()
	except OSError:
		return False
	return (same and os.path.exists(os.path.join(build_dir, CONFIG)) and
		not kconfig_changed(build_dir, os.path.getmtime(path)))

def check_config(request: KconfigRequest, build_dir: str) -> None:
	unmet = request.unmet(read_options(os.path.join(build_dir, CONFIG)))
	if unmet:
		raise KconfigError('\n'.join(unmet))
