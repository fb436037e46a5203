"""What make deb would not see, nobody would."""

import hashlib
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from deblib import guest                                                # noqa: E402

RELEASE = "5.10.262-dma-alloc"


class Wrong(unittest.TestCase):
    def setUp(self):
        self.enterContext(mock.patch.object(guest, "SIZE", 4096))
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(mock.patch.object(guest, "OUT", folder))
        for name in ("vmlinuz-5", "initrd.img-5"):
            (folder / name).touch()
        self.guest = guest.Guest("direct", folder, folder / "root.img")
        for name in ("nvme.img", "upload"):
            (self.guest.folder / name).write_bytes(guest.pattern())
        whole = hashlib.sha256(guest.pattern()).hexdigest()
        self.words = {**{name: [whole] for name in ("virtio", "nvme", "cached", "e1000")}, "done": [RELEASE]}

    def wrong(self, release=RELEASE):
        return self.guest.wrong(self.words, release)

    def test_right(self):
        self.assertEqual(self.wrong(), [])

    def test_sums(self):
        for name in ("virtio", "nvme", "cached", "e1000"):
            with self.subTest(name), mock.patch.dict(self.words, {name: ["0" * 64]}):
                self.assertEqual(self.wrong(), [name])

    def test_no_word(self):
        del self.words["e1000"]
        self.assertEqual(self.wrong(), ["e1000"])

    def test_what_the_host_has(self):
        data = bytearray(guest.pattern())
        data[1234] ^= 1
        (self.guest.folder / "nvme.img").write_bytes(data)
        (self.guest.folder / "upload").write_bytes(guest.pattern()[:-1])
        self.assertEqual(self.wrong(), ["nvme.img", "upload"])

    def test_nothing_uploaded(self):
        (self.guest.folder / "upload").unlink()
        self.assertEqual(self.wrong(), ["upload"])

    def test_another_kernel(self):
        self.assertEqual(self.wrong("5.10.263"), ["the end with kernel 5.10.263"])


if __name__ == "__main__":
    unittest.main()
