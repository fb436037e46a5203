#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
#
# Tests of what kunit.py makes of the log of a kernel under QEMU. The logs were
# recorded; the boot before the tests is cut from most of them.

import os
import unittest

from collections import namedtuple

from kunit_log import PREFIX
from kunit_verdict import LogJudge, Verdict, verdict_of
from qemu_run import End

Judged = namedtuple('Judged', 'judge verdict texts')

def read_data(name):
	path = os.path.join(os.path.dirname(__file__), 'test_data', name + '.log')
	with open(path) as file:
		return file.read()

def judge_text(text, end=None, detail='', failed=False, dma_debug=True):
	judge = LogJudge([])
	for line in text.splitlines():
		judge.feed(line)
	findings = judge.judge(end or judge.end, detail, failed, dma_debug)
	return Judged(judge, verdict_of(findings), [f.text for f in findings])

def judge_data(name, **kwargs):
	return judge_text(read_data(name), **kwargs)

class EndTest(unittest.TestCase):
	def test_pass_on_each_architecture(self):
		for name in ('x86_64', 'arm64', 'mips', 'parisc'):
			with self.subTest(name):
				judged = judge_data('qemu_pass_' + name)
				self.assertEqual(judged.texts, [])
				self.assertEqual(judged.verdict, Verdict.PASSED)
				self.assertEqual(judged.judge.scanner.seen,
						 {'WARNING': 1, 'DMA-API': 1})
				self.assertEqual(judged.judge.scanner.dma_total, 1)
				self.assertEqual(len(list(judged.judge.log.cases())), 6)

	def test_other_prefixes(self):
		for line in ('[    0.123456]     ok', '<6>[    0.123456]     ok',
			     '[12345.123456][    T1]     ok', '[    C0]     ok',
			     '<4>    ok', '    ok'):
			with self.subTest(line):
				self.assertEqual(PREFIX.sub('', line, 1), '    ok')
		text = read_data('qemu_pass_x86_64')
		for prefix in ('', '<6>', '[    1.000000][    T1] '):
			lines = [prefix + PREFIX.sub('', line, 1)
				 for line in text.splitlines()]
			judged = judge_text('\n'.join(lines))
			self.assertEqual(judged.texts, [])

	def test_failed_case(self):
		judged = judge_data('qemu_failed')
		self.assertEqual(judged.verdict, Verdict.FAILED)
		self.assertEqual(judged.texts, ['provoke.provoke_first failed'])

	def test_panic(self):
		judged = judge_data('qemu_panic')
		self.assertEqual(judged.verdict, Verdict.PANIC)
		self.assertEqual(len(judged.texts), 2)
		self.assertIn('Kernel panic - not syncing: asked for', judged.texts[0])
		self.assertIn('provoke crashed half-way, in provoke_end: 3 of 5',
			      judged.texts[1])

	def test_oops_on_each_architecture(self):
		kinds = {'x86_64': 'BUG', 'arm64': 'OOPS', 'mips': 'OOPS', 'parisc': 'OOPS'}
		for name, kind in kinds.items():
			with self.subTest(name):
				judged = judge_data('qemu_oops_' + name)
				self.assertEqual(judged.verdict, Verdict.PANIC)
				self.assertEqual(judged.judge.scanner.seen, {kind: 1})

	def test_silence_and_timeout(self):
		# The same log: what was waited for makes the difference.
		for end, verdict in ((End.SILENCE, Verdict.SILENCE),
				     (End.TIMEOUT, Verdict.TIMEOUT),
				     (End.EXITED, Verdict.SILENCE),
				     (None, Verdict.SILENCE)):
			judged = judge_data('qemu_silence', end=end, detail='why')
			self.assertEqual(judged.verdict, verdict)
			self.assertIn('why, the last was: ', judged.texts[0])
			self.assertIn('about to do it', judged.texts[0])

	def test_qemu_refuses_to_start(self):
		text = 'qemu: -device nonsense: no such thing\n'
		judged = judge_text(text, end=End.EXITED, failed=True, detail='with 1')
		self.assertEqual(judged.verdict, Verdict.NOT_STARTED)
		self.assertEqual(judged.texts, ['with 1: ' + text.strip()])
		# A kernel that had started is another matter.
		judged = judge_data('qemu_crashed', end=End.EXITED, failed=True)
		self.assertEqual(judged.verdict, Verdict.SILENCE)

class MissingTest(unittest.TestCase):
	def setUp(self):
		self.text = read_data('qemu_pass_x86_64')

	def assert_missing(self, text, part):
		judged = judge_text(text)
		self.assertEqual(judged.verdict, Verdict.MISSING)
		self.assertIn(part, '\n'.join(judged.texts))

	def without(self, part):
		return '\n'.join(line for line in self.text.splitlines()
				 if part not in line)

	def test_suite_missing(self):
		self.assert_missing(self.text.replace('] 1..2', '] 1..3'),
				    '3 suites planned, 2 seen, none after provoke')

	def test_no_header(self):
		self.assert_missing(self.without('TAP version'), 'no TAP header')

	def test_no_plan(self):
		self.assert_missing(self.without('] 1..2'), 'plan was lost')

	def test_no_suites(self):
		self.assert_missing('TAP version 14\n1..0\nreboot: Restarting system\n',
				    'no suite is built into this kernel')

	def test_case_lost(self):
		self.assert_missing(self.without('ok 2 - provoke_warn'),
				    'provoke: 5 cases planned, 4 seen')

	def test_suite_end_lost(self):
		self.assert_missing(self.text.replace('] ok 1 - example', '] '),
				    'example crashed half-way')

	def test_crashed_half_way(self):
		judged = judge_data('qemu_crashed', end=End.EXITED)
		self.assertIn('provoke crashed half-way, in provoke_end: 3 of 5 cases ended',
			      judged.texts)

	def test_started_over(self):
		self.assert_missing(self.text.replace('reboot: Restarting', '') + self.text,
				    'the kernel started over')

if __name__ == '__main__':
	unittest.main()
