#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
#
# Tests of the list of cases that have to run.

import unittest

import kunit_expected

from kunit_build_test import ScriptTest
from kunit_log_test import judge_data

class ExpectedTest(ScriptTest):
	def setUp(self):
		super().setUp()
		self.log = judge_data('qemu_pass_x86_64').judge.log

	def expected(self, text):
		expected = kunit_expected.ExpectedList(self.write('list', text))
		expected.read(may_be_new=False)
		return expected

	def test_compare(self):
		expected = self.expected('# all\n\nexample.gone\n' + ''.join(
			'provoke.provoke_%s\n' % n
			for n in ('first', 'warn', 'dma', 'end', 'last')))
		missing, unlisted = expected.compare(self.log)
		self.assertEqual(len(missing), 1)
		self.assertIn('example.gone', missing[0])
		self.assertEqual(len(unlisted), 1)
		self.assertTrue(unlisted[0].endswith(': example.example_simple_test'))

	def test_update(self):
		expected = self.expected('# why\n\nexample.gone\n')
		expected.update(self.log)
		with open(self.path('list')) as file:
			self.assertTrue(file.read().startswith(
				'# why\n\nexample.example_simple_test\nprovoke.provoke_dma\n'))
		self.assertEqual(expected.compare(self.log), ([], []))

	def test_malformed(self):
		with self.assertRaisesRegex(kunit_expected.ExpectedError, 'line 2'):
			self.expected('a.b\nnonsense\n')

	def test_results(self):
		log = judge_data('qemu_failed').judge.log
		kunit_expected.write_results(self.path('list'), log)
		with open(self.path('list')) as file:
			lines = file.read().splitlines()
		self.assertEqual(lines[:3], ['example.example_simple_test passed',
					     'provoke.provoke_first failed',
					     'provoke.provoke_warn passed'])

if __name__ == '__main__':
	unittest.main()
