# SPDX-License-Identifier: GPL-2.0
#
# What a run under QEMU comes to. Each way to fail has its own words and its own
# exit code; when there are several, the one that comes first here gives the code.

from enum import Enum
from typing import List, NamedTuple, Optional

from kunit_log import KunitLog, LogWatcher, status_word
from kunit_parser import TestStatus
from kunit_reports import ReportScanner
from qemu_run import End, end_in

# Lines of the log shown when the kernel did not come to its end
TAIL = 15

class Verdict(Enum):
	PASSED = (0, 'passed')
	NOT_STARTED = (1, 'could not start')
	# 2 is how argparse ends on a wrong option
	CONFIG = (3, 'config failed')
	BUILD = (4, 'build failed')
	TIMEOUT = (5, 'timeout')
	PANIC = (6, 'panic')
	SILENCE = (7, 'silence')
	MISSING = (8, 'missing suites or cases')
	FAILED = (9, 'failed cases')
	REPORTS = (10, 'unexpected kernel reports')
	UNLISTED = (11, 'cases not listed')
	INTERRUPTED = (130, 'interrupted')

	def __init__(self, code: int, words: str):
		self.code = code
		self.words = words

class Finding(NamedTuple):
	verdict: Verdict
	text: str

def verdict_of(findings: List[Finding]) -> Verdict:
	order = list(Verdict)
	return min((f.verdict for f in findings), key=order.index,
		   default=Verdict.PASSED)

class LogJudge:
	"""Follows a log to its end and says what was wrong with it."""

	def __init__(self, watchers: List[LogWatcher]):
		self.scanner = ReportScanner()
		self.log = KunitLog([self.scanner] + watchers)
		self.end: Optional[End] = None
		self.tail: List[str] = []
		self._last_words = ''
		self._booted = False

	def feed(self, line: str) -> None:
		if not self.end:
			self.end, self._last_words = end_in(line), line
		self.tail = self.tail[1 - TAIL:] + [line]
		if 'Linux version ' in line:
			self._booted = True
		self.log.feed(line)

	def judge(self, end: Optional[End], detail: str, failed: bool,
		  dma_debug: bool) -> List[Finding]:
		"""How QEMU ended, in words, whether it says that it failed, and whether
		dma-debug has to have the last word."""
		if end == End.EXITED and failed and not self._booted:
			said = '; '.join(filter(None, self.tail))
			return [Finding(Verdict.NOT_STARTED, '%s: %s' % (detail, said))]
		self.log.finish()
		self.scanner.finish()
		findings = self._judge_end(end, detail)
		findings += [Finding(Verdict.MISSING, m) for m in self.log.missing]
		findings += self._judge_cases()
		reports = self.scanner.problems + self.scanner.dma_problems(
			dma_debug and end == End.LAST_WORDS)
		return findings + [Finding(Verdict.REPORTS, r) for r in reports]

	def _judge_end(self, end: Optional[End], detail: str) -> List[Finding]:
		last = 'the last was: ' + (self.tail[-1] if self.tail else 'nothing at all')
		if end == End.LAST_WORDS:
			return []
		if end == End.PANIC:
			return [Finding(Verdict.PANIC, self._last_words)]
		if end == End.TIMEOUT:
			return [Finding(Verdict.TIMEOUT, '%s, %s' % (detail, last))]
		return [Finding(Verdict.SILENCE, '%s, %s' % (detail, last))]

	def _judge_cases(self) -> List[Finding]:
		findings = []
		for name, case in self.log.cases():
			if case.status != TestStatus.SUCCESS:
				findings.append(Finding(Verdict.FAILED, '%s %s' % (
					name, status_word(case.status))))
		for suite in self.log.suites:
			if suite.status == TestStatus.FAILURE and all(
					c.status == TestStatus.SUCCESS for c in suite.cases):
				findings.append(Finding(Verdict.FAILED,
					'%s failed, all of its cases passed' % suite.name))
		return findings
