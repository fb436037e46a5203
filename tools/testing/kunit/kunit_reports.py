# SPDX-License-Identifier: GPL-2.0
#
# Finds what the kernel reports about itself, and compares it with what the tests
# asked for. A test that provokes reports says so before, with kunit_info():
#
#     # <case>: expect 2 reports: WARNING
#
# Within a case the number of reports of each kind has to be the sum of what was
# asked for, no more and no less.

import re

from collections import Counter
from typing import List, Optional, Set

from kunit_log import LogWatcher
from kunit_report_patterns import ALLOW, DENY
from qemu_run import PANIC

EXPECT = re.compile(r'^# (\S+): expect (\d+) reports?: (\S+)$')
EXPECT_LIKE = re.compile(r'^# \S+: expect \d+ reports?\b')
DMA_TOTAL = re.compile(r'^DMA-API: (\d+) errors? since boot, debugging (enabled|disabled)$')

BLOCK_START = '------------[ cut here ]------------'
BLOCK_END = '---[ end trace '

# WARN() prints its header and its message in either order.
WARN_KINDS = ('WARNING', 'DMA-API')
# These lead to an exception that the architecture announces as well.
EXCEPTIONS = ('BUG', 'KASAN', 'OOPS')

class PatternError(Exception):
	"""The patterns would not find what they are for."""

class Report:
	"""A report, from its first line on. Between "cut here" and "end trace" all
	is one; any other ends with its backtrace."""

	def __init__(self, kind: str, text: str, is_block: bool):
		self.kind = kind
		self.text = text
		self._is_block = is_block
		self._traces = 0

	def takes(self, kind: str, text: str) -> bool:
		"""Is this line of that kind another line of this report?"""
		if not self.kind:
			self.kind, self.text = kind, text
			return True
		if kind == 'BACKTRACE':
			self._traces += 1
			return self._is_block or self._traces == 1
		if self._is_block and {self.kind, kind} <= set(WARN_KINDS):
			if kind == 'DMA-API':
				self.kind, self.text = kind, text
			return True
		if kind == 'OOPS' and self.kind == 'BACKTRACE':
			# On parisc the header comes second.
			self.kind, self.text = kind, text
			return True
		return kind == 'OOPS' and self.kind in EXCEPTIONS

class ReportScanner(LogWatcher):
	"""Counts what is reported in each case, and outside of them."""

	def __init__(self, deny=DENY, allow=ALLOW):
		if not deny:
			raise PatternError('no patterns to find reports by: nothing would ever be found')
		for pattern in list(deny) + list(allow):
			if not pattern.regex or not pattern.reason:
				raise PatternError('a pattern without expression or reason: %s'
						   % (pattern,))
		self._deny = [(p.kind, re.compile(p.regex)) for p in deny]
		self._allow = [re.compile(p.regex) for p in allow]
		self.kinds = {p.kind for p in deny}
		# Lines for what was reported without being asked for, or not at all
		self.problems: List[str] = []
		self.expected: Counter = Counter()
		self.seen: Counter = Counter()
		# The last of dma-debug: number of errors, and whether it was on
		self.dma_total: Optional[int] = None
		self.dma_enabled = True
		self._start_case()

	def _start_case(self) -> None:
		self._reports: List[Report] = []
		self._asked: Counter = Counter()
		self._askers: Set[str] = set()
		# What the last line is part of, for those who follow a log
		self.open_report: Optional[Report] = None

	def kind_of(self, text: str) -> Optional[str]:
		if any(regex.search(text) for regex in self._allow):
			return None
		for kind, regex in self._deny:
			if regex.search(text):
				return kind
		return None

	def _line(self, text: str) -> None:
		if text == BLOCK_START:
			self._add(Report('', text, True))
			return
		if text.startswith(BLOCK_END):
			self.open_report = None
			return
		if PANIC.search(text):
			# A verdict of its own; its backtrace is no report.
			self.open_report = Report('PANIC', text, True)
			return
		kind = self.kind_of(text)
		if kind and not (self.open_report and self.open_report.takes(kind, text)):
			self._add(Report(kind, text, False))

	def _add(self, report: Report) -> None:
		self.open_report = report
		self._reports.append(report)

	def _expect(self, text: str) -> None:
		match = EXPECT.match(text)
		if match and match.group(3) in self.kinds:
			self._asked[match.group(3)] += int(match.group(2))
			self._askers.add(match.group(1))
		elif EXPECT_LIKE.match(text):
			self.problems.append('"%s" is not understood, kinds are %s' %
					     (text, ' '.join(sorted(self.kinds))))

	def line_in_case(self, text: str) -> None:
		text = text.strip()
		self._expect(text)
		self._line(text)

	def case_ended(self, suite, case) -> None:
		for asker in self._askers - {case.name}:
			self.problems.append('%s.%s: reports are expected in the name of %s'
					     % (suite.name, case.name, asker))
		self._compare('%s.%s' % (suite.name, case.name))

	def suite_started(self, suite) -> None:
		self._compare('outside of a case, before suite ' + suite.name)

	def suite_ended(self, suite) -> None:
		# After the last case, or in a case that has no end
		self._compare('at the end of suite ' + suite.name)

	def line_outside(self, text: str, after: str) -> None:
		text = text.strip()
		where = 'outside of a case, ' + (
			'after suite ' + after if after else 'before the first suite')
		total = DMA_TOTAL.match(text)
		if total:
			self.dma_total = int(total.group(1))
			self.dma_enabled = total.group(2) == 'enabled'
		if EXPECT_LIKE.match(text):
			self.problems.append('%s: "%s"' % (where, text))
		self._line(text)

	def _compare(self, where: str) -> None:
		reports = Counter(r.kind or 'BACKTRACE' for r in self._reports)
		for kind in sorted(set(reports) | set(self._asked)):
			if reports[kind] == self._asked[kind]:
				continue
			line = '%s: reports of %s: %d expected, %d seen' % (
				where, kind, self._asked[kind], reports[kind])
			texts = [r.text for r in self._reports
				 if (r.kind or 'BACKTRACE') == kind]
			self.problems.append('\n    '.join([line] + texts))
		self.expected += self._asked
		self.seen += reports
		self._start_case()

	def finish(self) -> None:
		self._compare('outside of a case, after the last suite')

	def dma_problems(self, required: bool) -> List[str]:
		"""Did dma-debug count what the tests asked for, to the end?"""
		if self.dma_total is None:
			return ['dma-debug did not say how many errors it counted: its last '
				'line, "DMA-API: <N> errors since boot", is missing '
				'(--dma_debug=off for a kernel without it)'] if required else []
		problems = []
		if not self.dma_enabled:
			problems.append('dma-debug was disabled: it checked nothing from then on')
		if self.dma_total != self.expected['DMA-API']:
			problems.append('dma-debug errors: %d counted, %d expected' %
					(self.dma_total, self.expected['DMA-API']))
		return problems
