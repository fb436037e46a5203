#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
#
# Tests of how kunit.py changes the device tree of a machine. QEMU is a script.

import dataclasses
import os
import struct
import unittest

import qemu_dtb
import qemu_run

from kunit_build_test import MACHINE, ScriptTest

NAMES = ('reg', 'dma-coherent', 'dma', 'odd')

def words(*values):
	return struct.pack('>%dI' % len(values), *values)

def padded(data):
	return data + b'\0' * (-len(data) % 4)

def node(name, *children):
	return (words(qemu_dtb.BEGIN_NODE) + padded(name.encode() + b'\0') +
		b''.join(children) + words(qemu_dtb.END_NODE))

def prop(name, value=b''):
	start = sum(len(n) + 1 for n in NAMES[:NAMES.index(name)])
	return words(qemu_dtb.PROP, len(value), start) + padded(value)

def tree(root):
	"""All of a tree: the strings come before the structure here."""
	names = padded(b''.join(n.encode() + b'\0' for n in NAMES))
	block = root + words(qemu_dtb.END)
	start = 40 + len(names)
	return (words(qemu_dtb.MAGIC, start + len(block), start, 40, 40, 17, 16,
		      0, len(names), len(block)) + names + block)

def nops(data):
	return words(qemu_dtb.NOP) * (len(data) // 4)

COHERENT = prop('dma-coherent')

def board(coherent):
	return tree(node('', prop('reg', b'abcde'), coherent,
			 node('pcie@1', prop('dma', b'dma-coherent\0'), coherent),
			 words(qemu_dtb.NOP), node('smmu', coherent,
						   prop('odd', words(1, 3, 9)))))

class DropTest(unittest.TestCase):
	def test_all_nodes(self):
		self.assertEqual(qemu_dtb.drop_properties(board(COHERENT),
							  ['dma-coherent']),
				 board(nops(COHERENT)))

	def test_with_value(self):
		value = prop('odd', b'12345')
		self.assertEqual(
			qemu_dtb.drop_properties(tree(node('', value, COHERENT)),
						 ('odd', 'dma-coherent')),
			tree(node('', nops(value), nops(COHERENT))))

	def test_no_room(self):
		data = board(COHERENT)
		room = words(qemu_dtb.MAGIC, len(data) + 4096) + data[8:] + bytes(4096)
		self.assertEqual(qemu_dtb.drop_properties(room, ['dma-coherent']),
				 board(nops(COHERENT)))

	def test_missing(self):
		with self.assertRaisesRegex(qemu_dtb.DtbError,
					    'no property dma-coherent in any'):
			qemu_dtb.drop_properties(board(b''), ('reg', 'dma-coherent'))

	def test_no_tree(self):
		data = board(COHERENT)
		for bad, words_of_it in (
				(b'', 'cut short'), (b'nothing like it', 'not a flattened'),
				(data[:-8], 'cut short'), (data[:60], 'cut short'),
				(tree(node('', words(7))), 'unknown token 0x7')):
			with self.subTest(words_of_it):
				with self.assertRaisesRegex(qemu_dtb.DtbError, words_of_it):
					qemu_dtb.drop_properties(bad, ('reg',))

class ChangedTest(ScriptTest):
	def changed(self, text, drop=('dma-coherent',)):
		machine = dataclasses.replace(MACHINE, drop_dt_properties=drop)
		with open(self.path('board'), 'wb') as file:
			file.write(board(COHERENT))
		self.dtb = self.path('a,b.dtb')
		return qemu_run.changed_dtb(machine, [self.script('qemu-toy', text), '-M',
						      'toy'], self.dtb)

	def test_changed(self):
		args = self.changed('cp %s/board %s/a,b.dtb; echo "$@" > %s/args' %
				    (self.dir, self.dir, self.dir))
		self.assertEqual(args, ['-dtb', self.dtb])
		with open(self.dtb, 'rb') as file:
			self.assertEqual(file.read(), board(nops(COHERENT)))
		with open(self.path('args')) as file:
			self.assertEqual(file.read().split(),
					 ['-M', 'toy', '-machine',
					  'dumpdtb=%s/a,,b.dtb' % self.dir])

	def test_unchanged(self):
		self.assertEqual(self.changed('touch %s/ran' % self.dir, ()), [])
		self.assertFalse(os.path.exists(self.path('ran')))

	def test_not_made(self):
		self.write('a,b.dtb', 'of an earlier run')
		with self.assertRaisesRegex(qemu_run.QemuError, 'said "no such machine"'):
			self.changed('echo no such machine; exit 1')

	def test_not_in_it(self):
		with self.assertRaisesRegex(qemu_run.QemuError, 'tree of toy: no property gone'):
			self.changed('cp %s/board %s/a,b.dtb' % (self.dir, self.dir), ('gone',))

if __name__ == '__main__':
	unittest.main()
