#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
#
# Tests of kunit.py's command line for the machines of QEMU, with a QEMU that
# plays a recorded log.

import io
import json
import os
import sys
import unittest

from contextlib import redirect_stdout
from unittest import mock

import kunit
import kunit_reports

from kunit_log_test import read_data
from kunit_build_test import ScriptTest

class MainTest(ScriptTest):
	def setUp(self):
		super().setUp()
		self.write('.config', 'CONFIG_DMA_API_DEBUG=y\n')
		os.makedirs(self.path('arch/x86/boot'))
		self.write('arch/x86/boot/bzImage', '')

	def main(self, *args):
		output = io.StringIO()
		with redirect_stdout(output), self.assertRaises(SystemExit) as caught:
			kunit.main(list(args))
		self.output = output.getvalue()
		return caught.exception.code

	def play(self, log, *args):
		self.write('log', read_data(log) if isinstance(log, str) else log[0])
		self.script('qemu', 'echo "$@" > {0}/args\n'
			    'case $1 in --version) echo QEMU emulator version 7.2;;\n'
			    '*) cat {0}/log;; esac'.format(self.dir))
		return self.main('exec', '--arch=x86_64', '--build_dir=' + self.dir,
				 '--qemu=%s' % self.path('qemu'), *args)

	def test_exit_codes(self):
		for log, code, words in (
				('qemu_pass_x86_64', 0, 'passed'),
				('qemu_panic', 6, 'panic'),
				('qemu_silence', 7, 'silence'),
				('qemu_failed', 9, 'failed cases'),
				('qemu_warning', 10, 'unexpected kernel reports')):
			with self.subTest(log):
				self.assertEqual(self.play(log), code)
				self.assertIn(words, self.output.splitlines()[-1])
				path = self.path('test.log')
				with open(path) as file:
					self.assertEqual(file.read(), read_data(log))
				parsed = self.main('parse', '--arch=x86_64', path)
				self.assertEqual(parsed, code)

	def test_missing_exit_code(self):
		text = read_data('qemu_pass_x86_64').replace('] 1..2', '] 1..3')
		self.assertEqual(self.play([text]), 8)

	def test_no_patterns(self):
		with mock.patch.object(kunit_reports.ReportScanner.__init__,
				       '__defaults__', ([], [])):
			self.assertEqual(self.play('qemu_pass_x86_64'), 10)
		self.assertIn('no patterns', self.output)

	def test_arguments(self):
		self.play('qemu_pass_x86_64', '--kernel_args=a=1', '--kernel_args=b c',
			  "--qemu_args=-name 'x y'", '--qemu_args=-S')
		with open(self.path('args')) as file:
			args = file.read()
		for part in ('console=ttyS0 ', ' kunit_shutdown=reboot ',
			     ' dma_debug=all_errors no_timer_check a=1 b c -name x y -S', ' -no-reboot '):
			self.assertIn(part, args)
		self.write('.config', '')
		self.play('qemu_pass_x86_64')
		with open(self.path('args')) as file:
			self.assertNotIn('dma_debug', file.read())

	def test_dma_debug(self):
		text = read_data('qemu_pass_x86_64').replace('errors since boot', '')
		self.assertEqual(self.play([text], '--dma_debug=off'), 10)
		text = '\n'.join(line for line in text.splitlines()
				 if ', debugging enabled' not in line) + '\n'
		self.assertEqual(self.play([text]), 10)
		self.assertIn('did not say how many errors', self.output)
		self.assertEqual(self.play([text], '--dma_debug=off'), 0)

	def test_no_kernel(self):
		os.remove(self.path('arch/x86/boot/bzImage'))
		self.assertEqual(self.play('qemu_pass_x86_64'), 1)
		self.assertIn('"kunit.py build" makes it', self.output)

	def test_expected(self):
		path = self.path('expected')
		option = '--expected=' + path
		self.assertEqual(self.play('qemu_pass_x86_64', option), 1)
		self.assertEqual(self.play('qemu_pass_x86_64', option,
					   '--update_expected'), 0)
		self.assertEqual(self.play('qemu_pass_x86_64', option), 0)
		with open(path) as file:
			lines = file.read().splitlines()
		self.write('expected', '\n'.join(lines + ['provoke.gone']))
		self.assertEqual(self.play('qemu_pass_x86_64', option), 8)
		self.assertIn('provoke.gone is listed', self.output)
		self.write('expected', '\n'.join(lines[1:]))
		self.assertEqual(self.play('qemu_pass_x86_64', option), 11)
		self.assertIn('add to %s: %s' % (path, lines[0]), self.output)
		# What did not run to its end must not shorten the list.
		self.assertEqual(self.play('qemu_panic', option, '--update_expected'), 6)
		with open(path) as file:
			self.assertEqual(file.read().splitlines(), lines[1:])

	def test_results_and_json(self):
		results, path = self.path('results'), self.path('json')
		self.play('qemu_failed', '--results=' + results, '--json=' + path)
		with open(results) as file:
			self.assertIn('provoke.provoke_first failed\n', file.readlines())
		with open(path) as file:
			group = json.load(file)
		self.assertEqual(group['arch'], 'x86_64')
		self.assertEqual(group['sub_groups'][1]['test_cases'][0],
				 {'name': 'provoke_first', 'status': 'FAIL'})

	def test_parse_stdin(self):
		with mock.patch.object(sys, 'stdin') as stdin:
			stdin.buffer = io.BytesIO(read_data('qemu_failed').encode())
			self.assertEqual(self.main('parse', '--arch=x86_64'), 9)

	def test_raw_output(self):
		self.assertEqual(self.play('qemu_failed', '--raw_output'), 9)
		self.assertIn('TAP version 14', self.output)

	def test_one_line_and_exit_1(self):
		for args, part in (
				(['run', '--arch=vax'], 'no machine vax: there are um'),
				(['exec', '--arch=x86_64', '--qemu=/gone'], '/gone not found'),
				(['parse', '--arch=x86_64', '/gone'], 'cannot read /gone'),
				(['run', '--qemu_config=/gone.py'], 'machine file /gone.py'),
				(['run', '--kunitconfig=x'], '--kunitconfig is for machines'),
				(['exec', '--silence=3'], '--silence is for machines'),
				(['exec', '--arch=x86_64', '--update_expected'],
				 'needs --expected'),
				(['run', '--arch=x86_64', '--alltests'], '--alltests is for')):
			with self.subTest(args):
				self.assertEqual(self.main(*args), 1)
				self.assertEqual(len(self.output.splitlines()), 1)
				self.assertIn(part, self.output)

	def test_missing_compiler(self):
		self.script('qemu', 'echo QEMU emulator version 7.2')
		code = self.main('run', '--arch=x86_64', '--build_dir=' + self.dir,
				 '--qemu=' + self.path('qemu'), '--cross_compile=gone-')
		self.assertEqual(code, 1)
		self.assertIn('gone-gcc not found', self.output)

	def test_config_exit_code(self):
		code = self.main('config', '--arch=x86_64', '--make_options=CC=true',
				 '--build_dir=' + self.dir, '--kconfig_add=nonsense')
		self.assertEqual(code, 3)

	def test_build_exit_code(self):
		self.script('make', 'test -z "$KCONFIG_ALLCONFIG" && exit 2\n'
			    'cp $KCONFIG_ALLCONFIG %s/.config' % self.dir)
		code = self.main('build', '--arch=x86_64', '--make_options=CC=true',
				 '--build_dir=' + self.dir)
		self.assertEqual(code, 4)

if __name__ == '__main__':
	unittest.main()
