#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
#
# Tests of how kunit.py starts QEMU and ends it. QEMU is a script here.

import time
import unittest

import qemu_run

from kunit_build_test import MACHINE, ScriptTest
from qemu_run import End

class VersionTest(ScriptTest):
	def version(self, text):
		self.script('qemu-toy', text)
		return qemu_run.qemu_version(MACHINE, ['qemu-toy'])

	def test_good(self):
		line = 'QEMU emulator version 7.10.2 (Debian)'
		self.assertEqual(self.version('echo "%s"' % line), line)

	def test_too_old(self):
		with self.assertRaisesRegex(qemu_run.QemuError,
					    'is 7.9.5, machine toy needs 7.10 or later.*--qemu'):
			self.version('echo QEMU emulator version 7.9.5')

	def test_not_there(self):
		with self.assertRaisesRegex(qemu_run.QemuError, 'gone not found.*--qemu'):
			qemu_run.qemu_version(MACHINE, ['/gone'])

	def test_not_qemu(self):
		with self.assertRaisesRegex(qemu_run.QemuError, 'is it QEMU'):
			self.version('echo hello')

class RunTest(ScriptTest):
	def run_script(self, text, timeout=20, silence=10):
		start = time.monotonic()
		with qemu_run.QemuRun([self.script('qemu-toy', text)], timeout,
				      silence) as run:
			self.lines = list(run.lines())
		self.seconds = time.monotonic() - start
		return run

	def assert_gone(self, pid_file):
		with open(self.path(pid_file)) as file:
			pid = int(file.read())
		for _ in range(50):
			try:
				with open('/proc/%d/stat' % pid) as file:
					if file.read().split()[2] == 'Z':
						return
			except OSError:
				return
			time.sleep(0.1)
		self.fail('process %d still runs' % pid)

	def test_exits(self):
		run = self.run_script('echo one; printf two; exit 3')
		self.assertEqual((run.end, run.exit_code), (End.EXITED, 3))
		self.assertEqual(self.lines, ['one', 'two'])

	def test_exits_after_its_output(self):
		run = self.run_script('exec >&- 2>&-\nsleep 1.5\nexit 3')
		self.assertEqual((run.end, run.exit_code), (End.EXITED, 3))

	def test_does_not_leave(self):
		for words, end in (('reboot: System halted', End.LAST_WORDS),
				   ('reboot: Power down', End.LAST_WORDS),
				   ('reboot: Restarting system', End.LAST_WORDS),
				   ('Kernel panic - not syncing: x', End.PANIC)):
			run = self.run_script('echo "[    1.000000] %s"\necho more\n'
					      'exec sleep 99' % words)
			self.assertEqual(run.end, end)
			self.assertEqual(self.lines[-1], 'more')
			self.assertLess(self.seconds, 5)

	def test_is_killed_with_all_that_it_started(self):
		run = self.run_script("trap '' TERM\nsleep 99 &\necho $! > %s/child\n"
				      'echo $$ > %s/pid\necho reboot: Power down\n'
				      'while :; do sleep 1; done' % (self.dir, self.dir))
		self.assertEqual(run.end, End.LAST_WORDS)
		self.assertLess(self.seconds, 6)
		self.assert_gone('pid')
		self.assert_gone('child')

	def test_silence_and_timeout(self):
		run = self.run_script('echo one; exec sleep 99', silence=1)
		self.assertEqual((run.end, self.lines), (End.SILENCE, ['one']))
		run = self.run_script('while echo one; do sleep 0.1; done', timeout=1)
		self.assertEqual(run.end, End.TIMEOUT)
		self.assertLess(self.seconds, 5)

	def test_is_killed_on_exceptions(self):
		with self.assertRaises(KeyboardInterrupt):
			with qemu_run.QemuRun([self.script('qemu-toy',
				'echo $$ > %s/pid; echo one; exec sleep 99' % self.dir)],
				20, 10) as run:
				for _ in run.lines():
					raise KeyboardInterrupt
		self.assert_gone('pid')

	def test_odd_bytes(self):
		self.run_script(r"printf '\033[2Jone\r\n\377two\007\n'")
		self.assertEqual(self.lines, ['one', '\ufffdtwo'])

if __name__ == '__main__':
	unittest.main()
