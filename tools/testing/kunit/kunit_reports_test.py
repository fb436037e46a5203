#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
#
# Tests of how kunit.py finds what a kernel reports about itself.

import unittest

import kunit_report_patterns
import kunit_reports

from kunit_log_test import judge_data, judge_text, read_data
from kunit_verdict import Verdict

class ReportTest(unittest.TestCase):
	def assert_reports(self, judged, *texts):
		self.assertEqual(judged.verdict, Verdict.REPORTS)
		self.assertEqual(len(judged.texts), len(texts))
		for found, text in zip(judged.texts, texts):
			self.assertIn(text, found)

	def test_unasked(self):
		self.assert_reports(judge_data('qemu_warning'),
			'provoke.provoke_warn: reports of WARNING: 0 expected, 1 seen')

	def test_more_than_asked(self):
		text = read_data('qemu_pass_x86_64').replace(
			'expect 1 report: WARNING', 'expect 0 reports: WARNING')
		self.assert_reports(judge_text(text),
			'provoke.provoke_warn: reports of WARNING: 0 expected, 1 seen')

	def test_fewer_than_asked(self):
		self.assert_reports(judge_data('qemu_fewer'),
			'provoke.provoke_warn: reports of WARNING: 2 expected, 1 seen')

	def test_sum_of_what_is_asked(self):
		text = read_data('qemu_pass_x86_64').replace(
			'expect 1 report: WARNING', 'expect 1 report: WARNING\n'
			'    # provoke_warn: expect 0 reports: WARNING')
		self.assertEqual(judge_text(text).texts, [])

	def test_other_kind_than_asked(self):
		text = read_data('qemu_pass_x86_64').replace(
			'expect 1 report: WARNING', 'expect 1 report: BUG')
		self.assert_reports(judge_text(text),
			'provoke.provoke_warn: reports of BUG: 1 expected, 0 seen',
			'provoke.provoke_warn: reports of WARNING: 0 expected, 1 seen')

	def test_unknown_kind(self):
		text = read_data('qemu_pass_x86_64').replace(
			'expect 1 report: WARNING', 'expect 1 report: WARNNG')
		self.assertIn('is not understood', judge_text(text).texts[0])

	def test_other_case_asks(self):
		text = read_data('qemu_pass_x86_64').replace(
			'# provoke_warn: expect', '# provoke_other: expect')
		self.assert_reports(judge_text(text), 'in the name of provoke_other')

	def test_outside_of_a_case(self):
		self.assert_reports(judge_data('qemu_outside'),
			'outside of a case, before suite example: reports of WARNING: '
			'0 expected, 1 seen')
		text = read_data('qemu_pass_x86_64').replace(
			'reboot: Restarting', 'BUG: something\nreboot: Restarting')
		self.assert_reports(judge_text(text),
			'outside of a case, after the last suite: reports of BUG')

	def test_backtrace_without_header(self):
		self.assert_reports(judge_data('qemu_backtrace'),
			'provoke.provoke_warn: reports of BACKTRACE: 0 expected, 1 seen')

	def test_header_without_block(self):
		scanner = kunit_reports.ReportScanner()
		for line in ('BUG: sleeping function called from invalid context at x.c:1',
			     'Call Trace:', ' dump_stack+0x57/0x6a',
			     'BUG: sleeping function called from invalid context at y.c:1',
			     'Call Trace:', 'Call Trace:'):
			scanner.line_in_case(line)
		scanner.finish()
		self.assertEqual(scanner.seen, {'SLEEP': 2, 'BACKTRACE': 1})

	def test_message_before_or_after_header(self):
		message = 'DMA-API: lasi_scsi 2:0:1: device driver tries to sync'
		header = 'WARNING: CPU: 0 PID: 1 at kernel/dma/debug.c:1129 check_sync'
		for lines in ((message, header), (header, message)):
			scanner = kunit_reports.ReportScanner()
			for line in ('------------[ cut here ]------------',) + lines + (
					'Backtrace:', '---[ end trace 0123 ]---'):
				scanner.line_in_case(line)
			scanner.finish()
			self.assertEqual(scanner.seen, {'DMA-API': 1})

class DmaDebugTest(unittest.TestCase):
	TOTAL = 'DMA-API: 1 errors since boot, debugging enabled'

	def judge_total(self, total, **kwargs):
		text = read_data('qemu_pass_x86_64')
		assert self.TOTAL in text
		return judge_text(text.replace(self.TOTAL, total), **kwargs)

	def test_other_number(self):
		judged = self.judge_total(self.TOTAL.replace('1', '3'))
		self.assertEqual(judged.verdict, Verdict.REPORTS)
		self.assertEqual(judged.texts, ['dma-debug errors: 3 counted, 1 expected'])

	def test_disabled(self):
		judged = self.judge_total(self.TOTAL.replace('enabled', 'disabled'))
		self.assertEqual(judged.verdict, Verdict.REPORTS)
		self.assertIn('dma-debug was disabled', judged.texts[0])

	def test_missing(self):
		judged = self.judge_total('')
		self.assertEqual(judged.verdict, Verdict.REPORTS)
		self.assertIn('its last line', judged.texts[0])
		judged = self.judge_total('', dma_debug=False)
		self.assertEqual(judged.verdict, Verdict.PASSED)

	def test_own_trouble(self):
		scanner = kunit_reports.ReportScanner()
		for line in ('preallocated 65536 debug entries',
			     'debugging enabled by kernel config',
			     'dma_debug_entry pool grown to 65536 (200%)'):
			self.assertIsNone(scanner.kind_of('DMA-API: ' + line))
		for line in ('debugging out of memory - disabling',
			     'cacheline tracking ENOMEM, dma-debug disabled',
			     'dma_debug_add_bus: out of memory',
			     'debugging disabled on kernel command line'):
			self.assertEqual(scanner.kind_of('DMA-API: ' + line), 'DMA-DEBUG')
		self.assertEqual(scanner.kind_of('DMA-API:  x: no driver'), 'DMA-API')

class PatternTest(unittest.TestCase):
	def test_none(self):
		with self.assertRaises(kunit_reports.PatternError):
			kunit_reports.ReportScanner(deny=[])

	def test_without_reason(self):
		bad = [kunit_report_patterns.Deny('X', 'x', '')]
		with self.assertRaises(kunit_reports.PatternError):
			kunit_reports.ReportScanner(deny=bad)

	def test_kinds(self):
		scanner = kunit_reports.ReportScanner()
		for kind, text in (line.split(' = ', 1) for line in
				   read_data('qemu_report_lines').splitlines()):
			with self.subTest(text):
				self.assertEqual(scanner.kind_of(text),
						 None if kind == '-' else kind)

if __name__ == '__main__':
	unittest.main()
