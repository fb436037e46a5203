# SPDX-License-Identifier: GPL-2.0
#
# Follows the log of a kernel line by line: which suites and cases ran, and where
# in them the kernel is. Lines of others in between do no harm.

import re

from typing import List, Optional

from kunit_parser import TestCase, TestResult, TestStatus, TestSuite
from kunit_parser import bubble_up_suite_errors, bubble_up_test_case_errors

# Level, time and caller, each of which may be there or not
PREFIX = re.compile(r'^(?:<\d+>)?(?:(?:\[ *\d+\.\d+\](?:\[ *[TC]\d+\])?'
		    r'|\[ *[TC]\d+\]) )?')
TAP_HEADER = re.compile(r'^TAP version \d+$')
PLAN = re.compile(r'^1\.\.(\d+)$')
SUITE_START = re.compile(r'^\s+# Subtest: (\S+)$')
SUITE_PLAN = re.compile(r'^\s+1\.\.(\d+)$')
CASE_END = re.compile(r'^\s+(ok|not ok) (\d+) - (\S+)$')
SUITE_END = re.compile(r'^(ok|not ok) (\d+) - (\S+)$')
DIAGNOSTIC = re.compile(r'^\s+# (\w+): ')
CASE_CRASHED = re.compile(r'^\s+# \S+: kunit test case crashed!$')

WORDS = {TestStatus.SUCCESS: 'passed', TestStatus.TEST_CRASHED: 'crashed'}

def status_word(status: TestStatus) -> str:
	return WORDS.get(status, 'failed')

class LogWatcher:
	"""What can be done as the log goes by; here nothing."""

	def suite_started(self, suite: TestSuite) -> None:
		pass

	def case_ended(self, suite: TestSuite, case: TestCase) -> None:
		pass

	def suite_ended(self, suite: TestSuite) -> None:
		pass

	def line_in_case(self, text: str) -> None:
		pass

	def line_outside(self, text: str, after: str) -> None:
		pass

class KunitLog:
	def __init__(self, watchers: List[LogWatcher]):
		self.suites: List[TestSuite] = []
		self.planned: Optional[int] = None
		# Suites that came to their end
		self.ended = 0
		# Lines for what is not there although it should be
		self.missing: List[str] = []
		self._watchers = watchers
		self._headers = 0
		self._suite: Optional[TestSuite] = None
		self._cases_planned: Optional[int] = None
		self._case = TestCase()

	def feed(self, line: str) -> None:
		text = PREFIX.sub('', line, 1).rstrip()
		if TAP_HEADER.match(text):
			self._header()
		elif not self._headers:
			self._other(text)
		elif PLAN.match(text) and self.planned is None:
			self.planned = int(PLAN.match(text).group(1))
		elif SUITE_START.match(text):
			self._start_suite(SUITE_START.match(text).group(1))
		elif self._suite and SUITE_PLAN.match(text):
			self._cases_planned = int(SUITE_PLAN.match(text).group(1))
		elif self._suite and CASE_END.match(text):
			self._end_case(*CASE_END.match(text).groups(), text)
		elif self._suite and SUITE_END.match(text):
			self._end_suite(*SUITE_END.match(text).groups())
		else:
			self._other(text)

	def _tell(self, what: str, *args) -> None:
		for watcher in self._watchers:
			getattr(watcher, what)(*args)

	def _header(self) -> None:
		self._headers += 1
		if self._headers > 1:
			self._abandon_suite()
			self.missing.append('the kernel started over: TAP header %d'
					    % self._headers)

	def _start_suite(self, name: str) -> None:
		self._abandon_suite()
		self._suite = TestSuite()
		self._suite.name = name
		self._suite.status = TestStatus.TEST_CRASHED
		self._cases_planned = None
		self._case = TestCase()
		self.suites.append(self._suite)
		self._tell('suite_started', self._suite)

	def _end_case(self, word: str, number: str, name: str, text: str) -> None:
		suite, case = self._suite, self._case
		case.name = name
		case.log.append(text)
		if case.status != TestStatus.TEST_CRASHED:
			case.status = (TestStatus.SUCCESS if word == 'ok'
				       else TestStatus.FAILURE)
		suite.cases.append(case)
		if int(number) != len(suite.cases):
			self.missing.append('%s.%s is case %s, %d were seen' % (
				suite.name, name, number, len(suite.cases)))
		self._case = TestCase()
		self._tell('case_ended', suite, case)

	def _end_suite(self, word: str, number: str, name: str) -> None:
		suite = self._suite
		if name != suite.name:
			self._abandon_suite()
			self.missing.append('%s ended, its start was not seen' % name)
			return
		if self._cases_planned != len(suite.cases):
			self.missing.append('%s: %s cases planned, %d seen' % (
				name, self._cases_planned, len(suite.cases)))
		if int(number) != len(self.suites):
			self.missing.append('%s is suite %s, %d were seen' % (
				name, number, len(self.suites)))
		suite.status = (TestStatus.SUCCESS if word == 'ok'
				else TestStatus.FAILURE)
		suite.status = bubble_up_test_case_errors(suite)
		self._suite = None
		self.ended += 1
		self._tell('suite_ended', suite)

	def _abandon_suite(self) -> None:
		"""A suite is left before its end, if there is one."""
		suite, self._suite = self._suite, None
		if not suite:
			return
		where = 'after ' + suite.cases[-1].name if suite.cases else 'at its start'
		spoken = [m.group(1) for m in map(DIAGNOSTIC.match, self._case.log) if m]
		if spoken:
			where = 'in ' + spoken[-1]
		self.missing.append('%s crashed half-way, %s: %d of %s cases ended' %
				    (suite.name, where, len(suite.cases),
				     self._cases_planned))
		self._tell('suite_ended', suite)

	def _in_case(self) -> bool:
		return (self._suite is not None and
			len(self._suite.cases) != self._cases_planned)

	def _other(self, text: str) -> None:
		if not self._in_case():
			after = self.suites[-1].name if self.suites else ''
			self._tell('line_outside', text, after)
			return
		self._case.log.append(text)
		if CASE_CRASHED.match(text):
			self._case.status = TestStatus.TEST_CRASHED
		self._tell('line_in_case', text)

	def finish(self) -> None:
		"""The log is over: what did not come is missing."""
		self._abandon_suite()
		if not self._headers:
			self.missing.append('no test ran: the log has no TAP header')
		elif not self.planned:
			self.missing.append('no suite is built into this kernel, or the plan was lost')
		elif self.planned > len(self.suites):
			last = self.suites[-1].name if self.suites else 'the plan'
			self.missing.append('%d suites planned, %d seen, none after %s'
					    % (self.planned, len(self.suites), last))

	def result(self) -> TestResult:
		status = TestStatus.NO_TESTS
		if self.suites:
			status = bubble_up_suite_errors(self.suites)
		return TestResult(status, self.suites, [])

	def cases(self):
		"""Yields the name of each case, suite.case, and the case."""
		for suite in self.suites:
			for case in suite.cases:
				yield '%s.%s' % (suite.name, case.name), case
