"""The data of the guest's pattern.c, computed a second time.

A block is a header (stream, number, generation, seed) and a stretch of a table of
random bytes, from an offset that is a hash of the header.
"""

import struct

BLOCK = 512
TABLE = 65536
MASK = 0xffffffff

DISK, CD, BAD_DISK, TCP_UP, TCP_DOWN, UDP_UP, UDP_DOWN, MULTICAST = range(1, 9)


def mix(x):
    x ^= x >> 16
    x = x * 0x85ebca6b & MASK
    x ^= x >> 13
    x = x * 0xc2b2ae35 & MASK
    return x ^ x >> 16


class Random:
    """xorshift32"""

    def __init__(self, state):
        self.state = state or 1

    def next(self):
        x = self.state
        x ^= x << 13 & MASK
        x ^= x >> 17
        x ^= x << 5 & MASK
        self.state = x
        return x

    def below(self, limit):
        return self.next() % limit


class Pattern:
    """The blocks of all streams that belong to a seed."""

    def __init__(self, seed):
        self.seed = seed
        rng = self.random(0)
        words = (TABLE + BLOCK) // 4
        self.table = struct.pack(f">{words}I", *(rng.next() for _ in range(words)))

    def random(self, purpose):
        return Random(mix((self.seed + purpose * 0x9e3779b9) & MASK))

    def block(self, stream, number, generation=0):
        at = mix((mix((mix(stream) + number) & MASK) + generation) & MASK) % TABLE
        return struct.pack(">4I", stream, number, generation, self.seed) + self.table[at:at + BLOCK - 16]

    def data(self, size, stream, first, generation=0):
        """`size` bytes of a stream, from a block on."""
        blocks = range(first, first + -(-size // BLOCK))
        return b"".join(self.block(stream, number, generation) for number in blocks)[:size]


def first_difference(a, b):
    """Where two strings of bytes differ, or None when they are the same."""
    if a == b:
        return None
    size = min(len(a), len(b))
    return next((i for i in range(size) if a[i] != b[i]), size)
