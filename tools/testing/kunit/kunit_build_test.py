#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
#
# Tests of how kunit.py configures and builds a kernel for a machine of QEMU. What
# it calls (make, the compiler) are scripts in a temporary folder here.

import io
import os
import shutil
import tempfile
import time
import unittest

from contextlib import redirect_stdout
from unittest import mock

import qemu_build
import qemu_kconfig
import qemu_machine

MACHINE = qemu_machine.QemuMachine(
	name='toy', arch=os.uname().machine, kconfig='# why\nCONFIG_A=y\n',
	make_target='image', kernel='image', console='ttyS0', qemu='qemu-toy',
	qemu_args=('-M', 'toy'), min_qemu=(7, 10))

class ScriptTest(unittest.TestCase):
	"""Has a temporary folder, first in PATH, to put scripts into."""

	def setUp(self):
		self.dir = tempfile.mkdtemp()
		self.addCleanup(shutil.rmtree, self.dir)
		path = self.dir + os.pathsep + os.environ['PATH']
		patch = mock.patch.dict(os.environ, PATH=path)
		patch.start()
		self.addCleanup(patch.stop)

	def path(self, name):
		return os.path.join(self.dir, name)

	def write(self, name, text):
		with open(self.path(name), 'w') as file:
			file.write(text)
		return self.path(name)

	def script(self, name, text):
		os.chmod(self.write(name, '#!/bin/sh\n' + text + '\n'), 0o755)
		return self.path(name)

class MachineTest(ScriptTest):
	def test_all_load(self):
		for name in qemu_machine.machine_names():
			with self.subTest(name):
				machine = qemu_machine.load_machine(name)
				self.assertEqual(machine.name, name)
				self.assertIn(machine.shutdown, ('reboot', 'halt', 'poweroff'))

	def test_options_have_reasons(self):
		for name in qemu_machine.machine_names():
			text = qemu_machine.load_machine(name).kconfig
			with self.subTest(name):
				self.assertTrue(qemu_kconfig.parse_options(text, name))
				# A reason may be that of several options.
				self.assertTrue(text.strip().startswith('# '))

	def test_unknown(self):
		with self.assertRaisesRegex(qemu_machine.MachineError,
					    'no machine vax: there are um, .*x86_64'):
			qemu_machine.load_machine('vax')

	def test_useless_files(self):
		for text, part in (('X = 1', 'no MACHINE'), ('1 / 0', 'ZeroDivision')):
			path = self.write('odd-name.py', text)
			with self.assertRaisesRegex(qemu_machine.MachineError, part):
				qemu_machine.load_machine_file(path)

class RequestTest(ScriptTest):
	def setUp(self):
		super().setUp()
		self.request = qemu_kconfig.KconfigRequest(['ARCH=toy'])

	def ask(self, text, origin='x'):
		self.request.merge(qemu_kconfig.parse_options(text, origin), origin)

	def unmet(self, config):
		return self.request.unmet(qemu_kconfig.parse_options(config, '.config'))

	def test_later_wins(self):
		self.ask('CONFIG_A=y\nCONFIG_B=y\n')
		self.ask('# CONFIG_A is not set\nCONFIG_B=m\nCONFIG_B="s p"\n')
		self.assertEqual(self.unmet('CONFIG_B="s p"\n'), [])

	def test_unmet(self):
		self.ask('CONFIG_A=y\nCONFIG_B=n\n# CONFIG_C is not set\n'
			 'CONFIG_D="d"\nCONFIG_E=y\nCONFIG_F=n\n', 'me')
		lines = self.unmet('# CONFIG_A is not set\nCONFIG_B=y\n'
				   'CONFIG_C=m\nCONFIG_D="e"\n')
		self.assertEqual(lines[:4], ['CONFIG_A=y of me became: not set',
					     'CONFIG_B=n of me became: y',
					     'CONFIG_C=n of me became: m',
					     'CONFIG_D="d" of me became: "e"'])
		self.assertEqual(len(lines), 5)
		self.assertIn('CONFIG_E=y of me became: missing', lines[4])

	def test_malformed(self):
		with self.assertRaisesRegex(qemu_kconfig.KconfigError, 'me line 2'):
			self.ask('CONFIG_A=y\nA=y\n', 'me')

class BuildTest(ScriptTest):
	def setUp(self):
		super().setUp()
		self.build = qemu_build.KernelBuild(MACHINE, self.path('out'), None, None)
		self.request = qemu_kconfig.KconfigRequest(['ARCH=toy'])
		self.request.merge({'A': 'y'}, 'me')
		# A make that counts its calls, and takes what is asked for
		kconfig = self.write('Kconfig', '')
		deps = os.path.join(self.dir, 'out', qemu_kconfig.DEPENDENCIES)
		self.script('make', 'echo >> %s/calls\nmkdir -p %s\n'
			    'printf "deps_config := \\\\\\\\\\n\\t%%s \\\\\\\\\\n" %s > %s\n'
			    'cp $KCONFIG_ALLCONFIG %s/out/.config' % (
				    self.dir, os.path.dirname(deps), kconfig, deps,
				    self.dir))

	def calls(self):
		with open(self.path('calls')) as file:
			return len(file.readlines())

	def test_configures_once(self):
		for _ in range(2):
			self.build.configure(self.request)
			self.assertEqual(self.calls(), 1)

	def test_configures_again(self):
		self.build.configure(self.request)
		self.request.merge({'B': 'y'}, 'me')
		self.build.configure(self.request)
		self.assertEqual(self.calls(), 2)
		os.utime(self.path('Kconfig'), (time.time() + 9, time.time() + 9))
		self.build.configure(self.request)
		self.assertEqual(self.calls(), 3)

	def test_unmet(self):
		self.script('make', 'echo "# CONFIG_A is not set" > %s/out/.config' % self.dir)
		with self.assertRaisesRegex(qemu_kconfig.KconfigError, 'CONFIG_A=y of me'):
			self.build.configure(self.request)

	def test_make_fails(self):
		self.script('make', 'echo no good >&2; exit 2')
		with self.assertRaisesRegex(qemu_kconfig.KconfigError, 'no good'):
			self.build.configure(self.request)
		output = io.StringIO()
		with redirect_stdout(output), \
		     self.assertRaisesRegex(qemu_build.BuildError, 'with 2'):
			self.build.build(1)
		self.assertIn('no good', output.getvalue())

	def test_no_kernel(self):
		self.script('make', 'true')
		with redirect_stdout(io.StringIO()), \
		     self.assertRaisesRegex(qemu_build.BuildError, 'no .*/out/image'):
			self.build.build(1)

	def test_no_compiler(self):
		self.script('there-gcc', 'true')
		for prefix, options, missing in (
				('not-there-', [], 'not-there-gcc'),
				('', ['CC=not-cc -O2'], 'not-cc'),
				('', ['CC=ccache not-gcc'], 'ccache|not-gcc'),
				('there-', [], None)):
			build = qemu_build.KernelBuild(MACHINE, self.dir, prefix, options)
			if not missing:
				build.check_compiler()
				continue
			with self.assertRaisesRegex(qemu_build.CompilerError,
						    '^(%s) not found.*--cross_compile' % missing):
				build.check_compiler()

	def test_no_cross_compiler(self):
		with mock.patch('os.uname') as uname:
			uname.return_value.machine = 'vax'
			with self.assertRaisesRegex(qemu_build.CompilerError,
						    'host is vax.*--cross_compile'):
				self.build.check_compiler()

if __name__ == '__main__':
	unittest.main()
