# SPDX-License-Identifier: GPL-2.0
#
# Takes properties out of the device tree that QEMU makes for a machine: what
# QEMU emulates does not depend on them, what the kernel makes of it does.
#
# The layout is that of the Devicetree Specification, chapter 5.

import struct

from typing import Iterable

MAGIC = 0xd00dfeed
# Where the header has the sizes of the strings and of the structure
SIZES = 32
BEGIN_NODE, END_NODE, PROP, NOP, END = 1, 2, 3, 4, 9

class DtbError(Exception):
	"""That is no device tree, or not all of the properties are in it."""

class FlatTree:
	"""A flattened device tree, to be changed in place."""

	def __init__(self, data: bytes):
		self.data = bytearray(data)
		self._pos = 0
		if self._word() != MAGIC:
			raise DtbError('not a flattened device tree')
		self._word()
		self._struct, self._strings = self._word(), self._word()

	def _word(self) -> int:
		self._pos += 4
		return struct.unpack_from('>I', self.data, self._pos - 4)[0]

	def _string(self, start: int) -> str:
		return self.data[start:self.data.index(0, start)].decode()

	def _skip(self, size: int) -> None:
		"""Tokens are words, and what follows them is padded to words."""
		self._pos += (size + 3) & ~3

	def _next_property(self) -> str:
		"""The name of the next one, which ends at _pos, or nothing."""
		while True:
			self.start = self._pos
			token = self._word()
			if token == END:
				return ''
			if token == BEGIN_NODE:
				self._skip(len(self._string(self._pos)) + 1)
			elif token == PROP:
				size, name = self._word(), self._word()
				self._skip(size)
				return self._string(self._strings + name)
			elif token not in (END_NODE, NOP):
				raise DtbError('unknown token %#x' % token)

	def drop(self, names: Iterable[str]) -> None:
		"""Has the properties of these names replaced, so that nothing moves."""
		missing = set(names)
		self._pos = self._struct
		for name in iter(self._next_property, ''):
			if name not in names:
				continue
			missing.discard(name)
			count = (self._pos - self.start) // 4
			struct.pack_into('>%dI' % count, self.data, self.start,
					 *[NOP] * count)
		if missing:
			raise DtbError('no property %s in any node' %
				       ', '.join(sorted(missing)))

	def cut(self) -> None:
		"""Leaves no room behind the last block."""
		self._pos = SIZES
		strings_size, struct_size = self._word(), self._word()
		end = max(self._struct + struct_size, self._strings + strings_size)
		if end > len(self.data):
			raise DtbError('the device tree is cut short')
		struct.pack_into('>I', self.data, 4, end)
		del self.data[end:]

def drop_properties(data: bytes, names: Iterable[str]) -> bytes:
	"""Returns the tree less the properties of these names, of every node.

	QEMU's has a MiB of room, and becomes twice as large when QEMU reads it
	again: too large for arm64, which says nothing and stops.
	"""
	try:
		tree = FlatTree(data)
		tree.drop(names)
		tree.cut()
	except (struct.error, ValueError, UnicodeDecodeError):
		raise DtbError('the device tree is cut short')
	return bytes(tree.data)
