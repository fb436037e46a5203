# SPDX-License-Identifier: GPL-2.0
#
# Flat lists of test cases, one "suite.case" a line: those that are expected to
# run, so that one which vanishes is missed, and the results of those that ran.

import errno
import re

from typing import List, Tuple

from kunit_log import KunitLog, status_word

CASE = re.compile(r'^[^\s.#]+\.[^\s#]+$')

class ExpectedError(Exception):
	"""The list of expected cases cannot be read or written."""

class ExpectedList:
	def __init__(self, path: str):
		self.path = path
		# The comments that the file starts with survive an update.
		self.head: List[str] = []
		self.cases: List[str] = []

	def read(self, may_be_new: bool) -> None:
		try:
			with open(self.path) as file:
				lines = file.read().splitlines()
		except OSError as e:
			if may_be_new and e.errno == errno.ENOENT:
				return
			raise ExpectedError('cannot read %s: %s' % (self.path, e.strerror))
		for number, line in enumerate(lines, 1):
			line = line.strip()
			if CASE.match(line):
				self.cases.append(line)
			elif line and not line.startswith('#'):
				raise ExpectedError('%s line %d is no suite.case: %s' %
						    (self.path, number, line))
			elif not self.cases:
				self.head.append(line)

	def compare(self, log: KunitLog) -> Tuple[List[str], List[str]]:
		"""Lines for the cases that did not run, and for those not listed."""
		ran = [name for name, _ in log.cases()]
		missing = ['%s is listed in %s and did not run' % (name, self.path)
			   for name in self.cases if name not in ran]
		unlisted = ['%s ran and is not listed, add to %s: %s' %
			    (name, self.path, name)
			    for name in ran if name not in self.cases]
		return missing, unlisted

	def update(self, log: KunitLog) -> None:
		self.cases = sorted({name for name, _ in log.cases()})
		try:
			with open(self.path, 'w') as file:
				for line in self.head + self.cases:
					file.write(line + '\n')
		except OSError as e:
			raise ExpectedError('cannot write %s: %s' % (self.path, e.strerror))

def write_results(path: str, log: KunitLog) -> None:
	with open(path, 'w') as file:
		for name, case in log.cases():
			file.write('%s %s\n' % (name, status_word(case.status)))
