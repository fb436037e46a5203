"""The data and images of harness/hp715: what it would not see, nobody would."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from hp715lib import disks                                              # noqa: E402
from hp715lib.pattern import BLOCK, CD, DISK, Pattern, first_difference  # noqa: E402
from hp715lib.server import checksum, group_frame                       # noqa: E402


class PatternTest(unittest.TestCase):
    def setUp(self):
        self.pattern = Pattern(715)

    def test_blocks_differ(self):
        blocks = {self.pattern.block(stream, number, generation)
                  for stream in (DISK, CD) for number in range(50) for generation in range(3)}
        self.assertEqual(len(blocks), 300)
        self.assertNotIn(Pattern(716).block(DISK, 0, 0), blocks)

    def test_data_are_blocks_in_a_row(self):
        data = self.pattern.data(BLOCK + 10, CD, 7)
        self.assertEqual(data, self.pattern.block(CD, 7) + self.pattern.block(CD, 8)[:10])

    def test_first_difference(self):
        self.assertIsNone(first_difference(b"abc", b"abc"))
        self.assertEqual(first_difference(b"abc", b"abd"), 2)
        self.assertEqual(first_difference(b"abc", b"abcd"), 3)


class DisksTest(unittest.TestCase):
    def setUp(self):
        self.pattern = Pattern(1)

    def test_extents_stay_in_their_part(self):
        for start, blocks in disks.extents(self.pattern.random(5), 1000, 600, 500):
            self.assertGreaterEqual(start, 1000)
            self.assertLessEqual(start + blocks, 1600)
            self.assertTrue(1 <= blocks <= disks.EXTENT)

    def test_the_last_writer_wins(self):
        result = [0] * 10
        disks.write(result, [(0, 5), (3, 4)], 7)
        self.assertEqual(result, [7, 7, 7, 8, 8, 8, 8, 0, 0, 0])

    def wrong(self, change):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "image"
            disks.make(path, self.pattern, CD, 2048)
            path.write_bytes(change(path.read_bytes()))
            return disks.wrong_blocks(path, self.pattern, CD, [0] * 2048)

    def test_images_are_compared(self):
        self.assertEqual(self.wrong(lambda data: data), [])
        self.assertEqual(self.wrong(lambda data: data[:5000] + b"?" + data[5001:]), [9])
        self.assertEqual(self.wrong(lambda data: data[:-1]), [2047])
        self.assertEqual(self.wrong(lambda data: data + b"?"), [2048])


class FrameTest(unittest.TestCase):
    def test_a_datagram_for_a_group(self):
        frame = group_frame(5, b"x" * 20)
        self.assertEqual(frame[:6], bytes.fromhex("01005e070f05"))
        self.assertEqual(checksum(frame[14:34]), 0)
        self.assertEqual(len(frame), 14 + 20 + 8 + 20)


if __name__ == "__main__":
    unittest.main()
