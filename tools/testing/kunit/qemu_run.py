# SPDX-License-Identifier: GPL-2.0
#
# Starts QEMU, hands out what the kernel says line by line, and ends QEMU as soon
# as there is nothing more to come.

import ctypes
import os
import re
import select
import shlex
import signal
import subprocess
import time

from enum import Enum, auto
from typing import Iterator, List, Optional, Tuple

from qemu_dtb import DtbError, drop_properties
from qemu_machine import QemuMachine

# Without a window, a monitor, devices that nobody asked for, and a second boot
ARGS = ('-nodefaults', '-display', 'none', '-serial', 'stdio', '-no-reboot')

# What the kernel says last, on every architecture: kernel/reboot.c
LAST_WORDS = re.compile(r'\breboot: (Power down|System halted|Restarting system)')
PANIC = re.compile(r'\bKernel panic - not syncing')

# Seconds from asking QEMU to end to forcing it
KILL_GRACE = 1

# Seconds from the last of QEMU's output, when it has closed it, to its end
EXIT_GRACE = 10

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)

class QemuError(Exception):
	"""There is no QEMU that could run the machine."""

class End(Enum):
	"""What a run ended with."""
	LAST_WORDS = auto()
	PANIC = auto()
	EXITED = auto()
	SILENCE = auto()
	TIMEOUT = auto()

# Not every machine leaves when told to: seconds that QEMU has to do so. After a
# panic there is a backtrace to come.
GRACE = {End.LAST_WORDS: 1, End.PANIC: 2}

def end_in(line: str) -> Optional[End]:
	"""Does the kernel end with this line?"""
	if LAST_WORDS.search(line):
		return End.LAST_WORDS
	return End.PANIC if PANIC.search(line) else None

def qemu_command(machine: QemuMachine, override: Optional[str]) -> List[str]:
	return shlex.split(override) if override else [machine.qemu]

def qemu_version(machine: QemuMachine, command: List[str]) -> str:
	"""What QEMU calls itself. Raises when it is not there or too old."""
	name = ' '.join(command)
	hint = 'name another with --qemu=COMMAND'
	try:
		result = subprocess.run(command + ['--version'], timeout=60,
					stdin=subprocess.DEVNULL, errors='replace',
					stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
	except FileNotFoundError:
		raise QemuError('%s not found: install it, or %s' % (name, hint))
	except (OSError, subprocess.TimeoutExpired) as e:
		raise QemuError('%s cannot be run: %s' % (name, e))
	lines = result.stdout.strip().splitlines() or ['']
	match = re.search(r'version (\d+(?:\.\d+)+)', lines[0])
	if result.returncode or not match:
		raise QemuError('%s --version says "%s": is it QEMU? %s' %
				(name, lines[0], hint))
	version = tuple(map(int, match.group(1).split('.')))
	if machine.min_qemu and version < machine.min_qemu:
		raise QemuError('%s is %s, machine %s needs %s or later: %s' %
				(name, match.group(1), machine.name,
				 '.'.join(map(str, machine.min_qemu)), hint))
	return lines[0]

def kernel_args(machine: QemuMachine, dma_debug: bool) -> List[str]:
	args = ['console=' + machine.console,
		# A kernel that cannot go on ends, instead of being waited for
		'panic=-1', 'oops=panic',
		'kunit_shutdown=' + machine.shutdown]
	if dma_debug:
		# By default only the first error is reported
		args.append('dma_debug=all_errors')
	return args + list(machine.kernel_args)

def run_command(machine: QemuMachine, args, kernel: str, dma_debug: bool) -> List[str]:
	"""The whole of QEMU's command line; args are those of kunit.py."""
	append = kernel_args(machine, dma_debug) + (args.kernel_args or [])
	command = qemu_command(machine, args.qemu) + list(ARGS + machine.qemu_args)
	command += ['-kernel', kernel, '-append', ' '.join(append)]
	for more in args.qemu_args or []:
		command += shlex.split(more)
	return command

def changed_dtb(machine: QemuMachine, command: List[str], path: str) -> List[str]:
	"""What has QEMU use another device tree than its own; made at path."""
	if not machine.drop_dt_properties:
		return []
	if os.path.exists(path):
		os.remove(path)
	try:
		option = 'dumpdtb=' + path.replace(',', ',,')
		result = subprocess.run(command + ['-machine', option], timeout=60,
					stdin=subprocess.DEVNULL, errors='replace',
					stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
		with open(path, 'rb') as file:
			data = drop_properties(file.read(), machine.drop_dt_properties)
		with open(path, 'wb') as file:
			file.write(data)
	except FileNotFoundError:
		raise QemuError('%s made no device tree, but said "%s"' %
				(command[0], result.stdout.strip()))
	except (OSError, subprocess.TimeoutExpired, DtbError) as e:
		raise QemuError('device tree of %s: %s' % (machine.name, e))
	return ['-dtb', path]

def _set_up_child() -> None:
	# A group of its own: Ctrl-C is for this program, which then ends QEMU and
	# all that a wrapper has started.
	os.setpgid(0, 0)
	# Even when this program is killed no QEMU stays behind.
	LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

def clean(data: bytes) -> str:
	"""A line less what terminals and serial ports add to it."""
	text = re.sub(r'\x1b\[[0-9;?=]*[A-Za-z]', '', data.decode(errors='replace'))
	return ''.join(c for c in text if c >= ' ' or c == '\t')

class QemuRun:
	"""One run of QEMU; as a context manager, it ends with the context."""

	def __init__(self, command: List[str], timeout: float, silence: float):
		self.end: Optional[End] = None
		self.exit_code: Optional[int] = None
		now = time.monotonic()
		self._silence = silence
		self._heard = now
		self._timeout_at = now + timeout
		self._leave_at: Optional[float] = None
		try:
			self._process = subprocess.Popen(
				command, stdin=subprocess.DEVNULL,
				stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
				bufsize=0, preexec_fn=_set_up_child)
		except OSError as e:
			raise QemuError('%s cannot be run: %s' % (command[0], e))

	def __enter__(self) -> 'QemuRun':
		return self

	def __exit__(self, *exception) -> None:
		try:
			if self._process.poll() is None:
				self._signal(signal.SIGTERM)
				self._wait(KILL_GRACE)
		finally:
			self._signal(signal.SIGKILL)
			self._process.wait()
			self._process.stdout.close()

	def _signal(self, number: int) -> None:
		try:
			os.killpg(self._process.pid, number)
		except ProcessLookupError:
			pass

	def _wait(self, seconds: float) -> None:
		try:
			self.exit_code = self._process.wait(seconds)
		except subprocess.TimeoutExpired:
			pass

	def _next_limit(self) -> Tuple[float, End]:
		limits = [(self._timeout_at, End.TIMEOUT),
			  (self._heard + self._silence, End.SILENCE)]
		if self._leave_at is not None and self.end is not None:
			# Nothing but the time to leave counts any more.
			limits = [(self._leave_at, self.end)]
		return min(limits, key=lambda limit: limit[0])

	def _read(self) -> bytes:
		"""Some output, or nothing once the run has ended."""
		limit, end = self._next_limit()
		wait = limit - time.monotonic()
		fd = self._process.stdout.fileno()
		if wait <= 0 or not select.select([fd], [], [], wait)[0]:
			self.end = end
			return b''
		self._heard = time.monotonic()
		data = os.read(fd, 65536)
		if not data:
			self._wait(EXIT_GRACE)
			self.end = self.end or End.EXITED
		return data

	def _look_for_end(self, line: str) -> None:
		if self.end:
			return
		self.end = end_in(line)
		if self.end:
			self._leave_at = time.monotonic() + GRACE[self.end]

	def lines(self) -> Iterator[str]:
		pending = b''
		while True:
			data = self._read()
			*complete, pending = (pending + data).split(b'\n')
			if not data and pending:
				complete.append(pending)
			for part in complete:
				line = clean(part)
				self._look_for_end(line)
				yield line
			if not data:
				return
