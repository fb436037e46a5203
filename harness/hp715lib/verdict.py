"""What a run showed: results of tests, figures, reports of the kernel."""

import re
import sys

from patchqueue.common import LINUX

sys.path.insert(0, str(LINUX / "tools/testing/kunit"))
from kunit_reports import ReportScanner     # noqa: E402

PLAN = re.compile(r"^1\.\.(\d+)$")
RESULT = re.compile(r"^(ok|not ok) (\d+) - (\S+) #\s*(.*)$")
START = re.compile(r"^# start (\S+)$")
DONE = re.compile(r"^# done (\S+)$")
SPEED = re.compile(r"([\d.]+) MB/s")
# Of dma-debug's lines, these are the same each time but for addresses.
VARIES = re.compile(r"0x[0-9a-f]+|\b[0-9a-f]{8,}\b|\[size=\d+ bytes\]|\[map size=.*?\]|cpu \d+|pid: \d+", re.I)


class Verdict:
    """Fed with lines, then asked."""

    def __init__(self):
        self.results = []       # (passed, name, words)
        self.planned = None
        self.running = None     # the test that has begun and not ended
        self.done = set()       # those that did all they had to do, right or not for dma-debug
        self.scanner = ReportScanner()
        self.reports = {}       # test: lines that head a report

    def feed(self, line):
        """The result that the line holds, or None."""
        text = line.strip()
        self.scanner.line_outside(text, "")
        # The first lines of reports, with what ran then
        opened = self.scanner.open_report
        if opened and opened.kind and not getattr(opened, "listed", False) and opened.kind != "PANIC":
            opened.listed = True
            self.reports.setdefault(self.running or "between tests", []).append(opened)
        if match := PLAN.match(text):
            self.planned = int(match.group(1))
        elif match := START.match(text):
            self.running = match.group(1)
        elif match := DONE.match(text):
            self.done.add(match.group(1))
        elif match := RESULT.match(text):
            self.running = None
            result = match.group(1) == "ok", match.group(3), match.group(4)
            self.results.append(result)
            return result
        return None

    def missing(self):
        """How many tests were planned and have no result."""
        return None if self.planned is None else self.planned - len(self.results)

    def report_count(self):
        return sum(len(reports) for reports in self.reports.values())

    def report_kinds(self):
        """(test, text, how many) of reports that differ by more than addresses."""
        for test, reports in self.reports.items():
            counts = {}
            for report in reports:
                text = VARIES.sub("…", report.text)
                counts[text] = counts.get(text, 0) + 1
            for text, count in counts.items():
                yield test, text, count

    def speeds(self):
        """MB/s by test, of those that say it."""
        return {name: float(match.group(1)) for _, name, words in self.results
                if (match := SPEED.search(words))}
