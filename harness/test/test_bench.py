"""What the benchmark says is read, and a figure over its limit is found."""

import contextlib
import copy
import io
import pathlib
import socket
import sys
import tempfile
import threading
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from benchlib import boot, judge, where             # noqa: E402

LOG = """dma_alloc_benchmark 0000:00:01.0: nanoseconds of a call, 11 sizes from 4096 bytes
dma_alloc_benchmark 0000:00:01.0: raw: 1 2 3 4 5 6 7 8 9 10 11\r
dma_alloc_benchmark 0000:00:01.0: pages: 2 3 4 5 6 7 8 9 10 11 -\r
dma_alloc_benchmark 0000:00:01.0: done\r
"""


def row(*figures):
    return list(figures) + [1000000] * (11 - len(figures))


RESULTS = {(setting, kernel): {"raw": row(848), "address": row(869), "pages": row(960), "noncoherent": row(980), "sync": row(47)}
           for setting in boot.SETTINGS for kernel in ("ours", "5.10.262")}


class Judged(unittest.TestCase):
    def verdict(self, setting=None, name=None, figure=None, kernel="ours", column=0):
        """With one figure changed, for 4 KiB or another size: exit code and words."""
        results = copy.deepcopy(RESULTS)
        if setting:
            results[setting, kernel][name][column] = figure
        with contextlib.redirect_stdout(io.StringIO()) as said:
            code = judge.verdict(results)
        return code, said.getvalue()

    def test_good(self):
        self.assertEqual(self.verdict()[0], 0)

    def test_dearer_than_the_release(self):
        code, said = self.verdict("dma-direct", "sync", 48)
        self.assertEqual(code, 1)
        self.assertIn("dma-direct, sync, 4 KiB: 48, more than the 47 of the release", said)

    def test_dearer_than_raw(self):
        code, said = self.verdict("dma-direct init_on_alloc=1", "raw", 830)
        self.assertEqual(code, 1)
        self.assertIn("dma-direct init_on_alloc=1, pages, 4 KiB: 960, more than 120 over the 830 of alloc_pages()", said)

    def test_dearer_than_an_address(self):
        """What returns an address is judged by what the page allocator takes for one."""
        self.assertEqual(self.verdict("dma-direct", "address", 860)[0], 0)
        code, said = self.verdict("dma-direct", "address", 859)
        self.assertEqual(code, 1)
        self.assertIn("dma-direct, noncoherent, 4 KiB: 980, more than 120 over the 859 of __get_free_pages()", said)

    def test_no_memory(self):
        code, said = self.verdict("amd-iommu", "pages", None)
        self.assertEqual(code, 1)
        self.assertIn("amd-iommu, pages, 4 KiB: no memory", said)

    def test_iommu(self):
        """Small sizes are judged as they are, larger ones with what the state of the addresses makes of them."""
        self.assertEqual(self.verdict("amd-iommu", "pages", 961)[0], 1)
        self.assertEqual(self.verdict("amd-iommu", "pages", 500, "5.10.262")[0], 1)
        self.assertEqual(self.verdict("amd-iommu", "pages", 1014000, column=5)[0], 0)
        self.assertEqual(self.verdict("amd-iommu", "pages", 1016000, column=5)[0], 1)
        self.assertEqual(self.verdict("amd-iommu", "pages", 1014000, column=4)[0], 1)


class Read(unittest.TestCase):
    def test_rows(self):
        rows = dict(boot.ROW.findall(LOG))
        self.assertEqual(rows["pages"].split(), "2 3 4 5 6 7 8 9 10 11 -".split())
        self.assertEqual(sorted(rows), ["pages", "raw"])


class Steps(unittest.TestCase):
    """A call of five instructions, and a stub of gdb's protocol that makes them."""

    def serve(self, listener):
        peer, _ = listener.accept()
        track = [0x100, 0x104, 0x200, 0x204, 0x108, 0x900]
        with peer, peer.makefile("rb") as file:
            while True:
                packet = b""
                while (byte := file.read(1)) != b"#":
                    if not byte:
                        return
                    packet = b"" if byte == b"$" else packet + byte
                file.read(2)
                if packet == b"g":
                    registers = [0] * 17
                    registers[where.RSP], registers[where.RIP] = 0x50, track[0]
                    answer = b"".join(value.to_bytes(8, "little") for value in registers).hex().encode()
                elif packet.startswith(b"m50,"):
                    answer = (0x900).to_bytes(8, "little").hex().encode()
                else:
                    if packet == b"s":
                        track.pop(0)
                    answer = b"OK"
                peer.sendall(b"+$" + answer + b"#00")

    def test_counts(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
            listener.bind(folder + "/gdb")
            listener.listen()
            thread = threading.Thread(target=self.serve, args=(listener,))
            thread.start()
            stub = where.Stub(folder + "/gdb")
            counts = where.steps(stub, 0x100, [0x100, 0x200, 0x900], ["outer", "inner", "caller"])
            stub.socket.close()
            thread.join()
        self.assertEqual(counts, {"outer": 3, "inner": 2})


if __name__ == "__main__":
    unittest.main()
