# SPDX-License-Identifier: GPL-2.0
#
# Configures and builds a kernel for a machine of QEMU.

import os
import shlex
import shutil
import subprocess
import tempfile
import time

from typing import List, Optional

import kunit_parser
import qemu_kconfig

from qemu_kconfig import KconfigError, KconfigRequest
from qemu_machine import HERE, QemuMachine

COMMON_CONFIG = os.path.join(HERE, 'configs', 'qemu_common.config')
# What a compiler without a prefix builds for: ARCH= by the name of the host
NATIVE = {'x86_64': ('x86_64', 'i386', 'x86'), 'aarch64': ('arm64',)}
# Default of --build_dir
DEFAULT_DIR = '.kunit'
# Wrappers of which the compiler is the argument
WRAPPERS = ('ccache', 'distcc', 'sccache')
# Say how far the build is every so many seconds
PROGRESS = 20

class BuildError(Exception):
	"""The kernel does not build."""

class CompilerError(Exception):
	"""There is no compiler for the machine."""

class KernelBuild:
	"""A build directory and the make that works in it."""

	def __init__(self, machine: QemuMachine, build_dir: str,
		     cross_compile: Optional[str], make_options: Optional[List[str]]):
		self.machine = machine
		if build_dir == DEFAULT_DIR:
			# That is where UML is built: stay out of its way.
			build_dir = os.path.join(DEFAULT_DIR, machine.name)
		self.build_dir = os.path.abspath(build_dir)
		self.options = make_options or []
		self.cross_compile = cross_compile or ''
		self.made_by = ['ARCH=' + machine.arch]
		if self.cross_compile:
			self.made_by.append('CROSS_COMPILE=' + self.cross_compile)
		self.made_by += self.options

	def path(self, name: str) -> str:
		return os.path.join(self.build_dir, name)

	def kernel(self) -> str:
		return self.path(self.machine.kernel)

	def has_option(self, name: str) -> bool:
		config = qemu_kconfig.read_options(self.path(qemu_kconfig.CONFIG))
		return config.get(name) == 'y'

	def make(self, *goals: str) -> List[str]:
		return ['make', 'O=' + self.build_dir] + self.made_by + list(goals)

	def compiler(self) -> List[str]:
		compiler = self.cross_compile + 'gcc'
		for option in self.options:
			name, _, value = option.partition('=')
			if name == 'LLVM' and value not in ('', '0'):
				compiler = 'clang'
			if name == 'CC':
				return shlex.split(value)
		return [compiler]

	def is_native(self) -> bool:
		host = os.uname().machine
		return self.machine.arch in NATIVE.get(host, (host,))

	def check_compiler(self) -> None:
		if self.compiler() == ['gcc'] and not self.is_native():
			raise CompilerError('machine %s has ARCH=%s, this host is %s: '
					    'name a compiler with --cross_compile=PREFIX' %
					    (self.machine.name, self.machine.arch,
					     os.uname().machine))
		programs = self.compiler()[:1]
		if os.path.basename(programs[0]) in WRAPPERS:
			programs = self.compiler()[:2]
		for program in programs:
			if not shutil.which(program):
				raise CompilerError(
					'%s not found: install it, or name another with '
					'--cross_compile=PREFIX or --make_options=CC=...'
					% program)

	def request(self, kunitconfigs: Optional[List[str]],
		    added: Optional[List[str]]) -> KconfigRequest:
		request = KconfigRequest(self.made_by)
		request.merge_file(os.path.relpath(COMMON_CONFIG))
		origin = 'machine ' + self.machine.name
		request.merge(qemu_kconfig.parse_options(self.machine.kconfig,
							 origin), origin)
		for path in kunitconfigs or []:
			request.merge_file(path)
		for option in added or []:
			origin = '--kconfig_add'
			request.merge(qemu_kconfig.parse_options(option, origin),
				      origin)
		return request

	def configure(self, request: KconfigRequest) -> None:
		"""Makes .config, unless it is there already."""
		if not qemu_kconfig.is_current(request, self.build_dir):
			self.make_config(request)
		qemu_kconfig.check_config(request, self.build_dir)

	def make_config(self, request: KconfigRequest) -> None:
		os.makedirs(self.build_dir, exist_ok=True)
		path = self.path(qemu_kconfig.REQUEST)
		fresh = path + '.new'
		if os.path.exists(path):
			os.remove(path)
		with open(fresh, 'w') as file:
			file.write(request.text())
		result = subprocess.run(self.make('allnoconfig'),
					env=dict(os.environ, KCONFIG_ALLCONFIG=fresh),
					stdin=subprocess.DEVNULL,
					stdout=subprocess.PIPE,
					stderr=subprocess.STDOUT, errors='replace')
		if result.returncode:
			raise KconfigError(result.stdout.strip())
		# Its name says that .config is made of it: not before it is.
		os.rename(fresh, path)

	def build(self, jobs: int) -> None:
		command = self.make('--jobs=%d' % jobs, self.machine.make_target)
		print('$ ' + ' '.join(map(shlex.quote, command)))
		with tempfile.TemporaryFile('w+', errors='replace') as errors:
			with subprocess.Popen(command, stdin=subprocess.DEVNULL,
					      stdout=subprocess.PIPE, stderr=errors,
					      errors='replace') as process:
				show_progress(process.stdout)
			errors.seek(0)
			messages = errors.read().strip()
		if messages:
			print(messages)
		if process.returncode:
			raise BuildError('make ended with %d' % process.returncode)
		if not os.path.exists(self.kernel()):
			raise BuildError('make made no %s' % self.kernel())

def show_progress(lines) -> None:
	due = time.monotonic() + PROGRESS
	steps = 0
	for line in lines:
		# "  CC      lib/string.o": the rest is make's own talk
		if not line.startswith('  '):
			continue
		steps += 1
		if time.monotonic() > due:
			due = time.monotonic() + PROGRESS
			kunit_parser.print_with_timestamp('%d steps done, now %s' %
							  (steps, ' '.join(line.split())))
