# SPDX-License-Identifier: GPL-2.0
#
# What kunit.py does for a machine of QEMU: configures, builds, runs, judges.

import io
import os
import shlex
import signal
import sys
import time

from collections import Counter
from typing import Iterator, List, Optional

import kunit_json
import kunit_parser
import qemu_run

from kunit_expected import ExpectedError, ExpectedList, write_results
from kunit_log import LogWatcher, status_word
from kunit_parser import TestStatus, green, print_with_timestamp, red, yellow
from kunit_reports import PatternError
from kunit_verdict import Finding, LogJudge, Verdict, verdict_of
from qemu_build import BuildError, CompilerError, KernelBuild
from qemu_kconfig import KconfigError
from qemu_machine import MachineError, QemuMachine, load_machine, load_machine_file
from qemu_run import End, QemuError, QemuRun

LOG = 'test.log'
DTB = 'machine.dtb'

# What an exception comes to; anything else is a fault of this program.
VERDICTS = {
	MachineError: Verdict.NOT_STARTED,
	CompilerError: Verdict.NOT_STARTED,
	QemuError: Verdict.NOT_STARTED,
	ExpectedError: Verdict.NOT_STARTED,
	KconfigError: Verdict.CONFIG,
	BuildError: Verdict.BUILD,
	PatternError: Verdict.REPORTS,
	KeyboardInterrupt: Verdict.INTERRUPTED,
}

# The end of the log shows why there is not more of it.
CUT_SHORT = (Verdict.TIMEOUT, Verdict.PANIC, Verdict.SILENCE)

class Progress(LogWatcher):
	"""Shows suites and cases as they come."""

	def suite_started(self, suite) -> None:
		print_with_timestamp(kunit_parser.format_suite_divider(suite.name))

	def case_ended(self, suite, case) -> None:
		word = '[%s] ' % status_word(case.status).upper()
		if case.status == TestStatus.SUCCESS:
			print_with_timestamp(green(word) + case.name)
			return
		print_with_timestamp(red(word) + case.name)
		kunit_parser.print_log(map(yellow, case.log))

	def suite_ended(self, suite) -> None:
		if suite.status != TestStatus.SUCCESS:
			word = '[%s] ' % status_word(suite.status).upper()
			print_with_timestamp(red(word) + suite.name)

class MachineJob:
	"""One subcommand of kunit.py for one machine."""

	def __init__(self, args, machine: QemuMachine):
		self.args = args
		self.machine = machine
		self.findings: List[Finding] = []
		self.judge: Optional[LogJudge] = None
		self.version = 'QEMU not run here'
		self.seconds: List[str] = []
		self.expected: Optional[ExpectedList] = None
		self.build: Optional[KernelBuild] = None
		if args.subcommand != 'parse':
			self.build = KernelBuild(machine, args.build_dir,
						 getattr(args, 'cross_compile', None),
						 args.make_options)

	def perform(self) -> None:
		"""Takes all steps of the subcommand; one that fails raises."""
		steps = {'config': [self.configure],
			 'build': [self.configure, self.compile],
			 'exec': [self.read_expected, self.check_qemu, self.boot],
			 'run': [self.read_expected, self.check_qemu,
				 self.configure, self.compile, self.boot],
			 'parse': [self.read_expected, self.parse]}
		for step in steps[self.args.subcommand]:
			start = time.monotonic()
			step()
			if step in (self.configure, self.compile, self.boot):
				self.seconds.append('%s %.1f' % (
					step.__name__, time.monotonic() - start))

	def read_expected(self) -> None:
		if self.args.expected:
			self.expected = ExpectedList(self.args.expected)
			self.expected.read(may_be_new=self.args.update_expected)

	def configure(self) -> None:
		print_with_timestamp('Configuring a kernel for %s ...' %
				     self.machine.name)
		self.build.check_compiler()
		self.build.configure(self.build.request(self.args.kunitconfig,
							self.args.kconfig_add))

	def compile(self) -> None:
		print_with_timestamp('Building it ...')
		self.build.build(self.args.jobs)

	def check_qemu(self) -> None:
		self.version = qemu_run.qemu_version(
			self.machine, qemu_run.qemu_command(self.machine, self.args.qemu))

	def boot(self) -> None:
		if not os.path.exists(self.build.kernel()):
			raise QemuError('there is no %s: "kunit.py build" makes it' %
					self.build.kernel())
		dma_debug = self.build.has_option('DMA_API_DEBUG')
		command = qemu_run.run_command(self.machine, self.args,
					       self.build.kernel(), dma_debug)
		command += qemu_run.changed_dtb(self.machine, command,
						self.build.path(DTB))
		print_with_timestamp('Running it under %s ...' % self.version)
		print('$ ' + ' '.join(map(shlex.quote, command)))
		self.new_judge()
		with open(self.build.path(LOG), 'w', buffering=1) as file, \
		     QemuRun(command, self.args.timeout, self.args.silence) as run:
			for line in run.lines():
				file.write(line + '\n')
				self.feed(line)
		detail = {End.TIMEOUT: 'not done after --timeout=%s s' % self.args.timeout,
			  End.SILENCE: 'nothing for --silence=%s s' % self.args.silence,
			  End.EXITED: 'QEMU ended with %s' % run.exit_code}
		self.judge_log(run.end, detail.get(run.end, ''), bool(run.exit_code),
			       dma_debug and self.args.dma_debug == 'auto')

	def parse(self) -> None:
		self.new_judge()
		for line in read_log(self.args.file):
			self.feed(line)
		# What was configured is not in the log.
		self.judge_log(self.judge.end, 'the log ends too early', False, False)

	def new_judge(self) -> None:
		self.judge = LogJudge([] if self.args.raw_output else [Progress()])

	def feed(self, line: str) -> None:
		if self.args.raw_output:
			print(line)
		self.judge.feed(line)

	def judge_log(self, end: Optional[End], detail: str, failed: bool,
		      dma_debug: bool) -> None:
		self.findings += self.judge.judge(end, detail, failed, dma_debug)
		if self.expected and not self.found(Verdict.NOT_STARTED):
			self.judge_list()

	def judge_list(self) -> None:
		"""Compares what ran with what is listed, or lists it."""
		missing, unlisted = self.expected.compare(self.judge.log)
		if not self.args.update_expected:
			self.findings += [Finding(Verdict.MISSING, m) for m in missing]
			self.findings += [Finding(Verdict.UNLISTED, u) for u in unlisted]
		elif self.found(*CUT_SHORT, Verdict.MISSING):
			print('%s is not updated: not all of the cases ran' %
			      self.expected.path)
		else:
			self.expected.update(self.judge.log)

	def found(self, *verdicts: Verdict) -> bool:
		return any(f.verdict in verdicts for f in self.findings)

	def write_results(self) -> None:
		result = self.judge.log.result()
		if self.args.results:
			write_results(self.args.results, self.judge.log)
		if self.args.json:
			text = kunit_json.get_json_result(
				test_result=result, def_config=self.machine.name,
				build_dir=self.build and self.build.build_dir,
				json_path=self.args.json, arch=self.machine.arch)
			if self.args.json == 'stdout':
				print(text)

	def conclude(self) -> int:
		"""Says what came of it, and returns the exit code."""
		if self.found(Verdict.NOT_STARTED):
			# One line says it all.
			self.judge = None
		if self.judge:
			self.write_results()
			if self.found(*CUT_SHORT):
				kunit_parser.print_log(map(yellow, self.judge.tail))
			self.print_summary()
		for finding in self.findings:
			print_with_timestamp(red(finding.verdict.words) + ': ' +
					     finding.text)
		verdict = verdict_of(self.findings)
		colour = green if verdict == Verdict.PASSED else red
		if self.judge or verdict == Verdict.PASSED:
			print_with_timestamp('%s %s: %s' % (
				self.args.subcommand, self.machine.name,
				colour(verdict.words)))
		return verdict.code

	def print_summary(self) -> None:
		log, scanner = self.judge.log, self.judge.scanner
		words = Counter(status_word(case.status) for _, case in log.cases())
		print_with_timestamp(kunit_parser.DIVIDER)
		print_with_timestamp('machine: %s, %s' % (self.machine.name, self.version))
		print_with_timestamp('suites: %d of %s, cases: %d passed, %d failed, %d crashed'
				     % (log.ended, log.planned or 'none', words['passed'],
					words['failed'], words['crashed']))
		print_with_timestamp('reports: %d expected, %d seen; dma-debug errors: %s' % (
			sum(scanner.expected.values()), sum(scanner.seen.values()),
			'not said' if scanner.dma_total is None
			else scanner.dma_total))
		print_with_timestamp('seconds: ' + ', '.join(self.seconds))

def read_log(path: Optional[str]) -> Iterator[str]:
	try:
		file = open(path, 'rb') if path else sys.stdin.buffer
		with file:
			for line in file:
				yield qemu_run.clean(line)
	except OSError as e:
		raise QemuError('cannot read %s: %s' % (path, e.strerror))

def select_machine(args) -> QemuMachine:
	if args.qemu_config and args.arch:
		raise MachineError('--arch and --qemu_config both name a machine')
	if args.qemu_config:
		return load_machine_file(args.qemu_config)
	return load_machine(args.arch)

def on_signal(number, frame) -> None:
	raise KeyboardInterrupt('signal %d' % number)

def findings_of(error: BaseException) -> List[Finding]:
	verdict = next(v for t, v in VERDICTS.items() if isinstance(error, t))
	return [Finding(verdict, line)
		for line in (str(error) or 'by Ctrl-C').splitlines()]

def main(args) -> int:
	"""Does what the parsed command line says, returns the exit code."""
	# To end QEMU is up to us, however we end.
	for number in (signal.SIGTERM, signal.SIGHUP):
		signal.signal(number, on_signal)
	if isinstance(sys.stdout, io.TextIOWrapper):
		# Progress shows as it comes, and a kernel may print anything.
		sys.stdout.reconfigure(line_buffering=True, errors='replace')
	try:
		job = MachineJob(args, select_machine(args))
	except MachineError as e:
		print_with_timestamp(red(Verdict.NOT_STARTED.words) + ': ' + str(e))
		return Verdict.NOT_STARTED.code
	try:
		job.perform()
	except tuple(VERDICTS) as e:
		job.findings += findings_of(e)
	return job.conclude()
