"""The series on a source package that has patches of its own."""

import hashlib
import io
import tarfile
import unittest

from toy import ENV, Toy


class Packaged(Toy):
    def setUp(self):
        super().setUp()
        self.start()
        self.commit("net: back", self.change("drivers/net/old.c", "old", "older"))
        self.git("tag", "-f", "base")
        self.commit("dma-mapping: one", {"kernel/dma/two.c": "int two;\n",
                                         **self.change("kernel/dma/mapping.c", "line20;", "twenty;")})
        self.commit("net: gone", {"drivers/net/old.c": None})
        self.harness("refresh")

    def debian(self, *patches):
        """Debian's tarball with patches of one file each, (name, file, old, new), and its pin."""
        lines, files = ["# a comment\n"], {}
        self.git("checkout", "-q", "--detach", "release")
        for name, path, old, new in patches:
            self.commit("x: y", self.change(path, old, new))
            files[name] = self.git("show", "--format=", "HEAD") + "\n"
            lines += [f"{name}\n", "\n"]
        self.git("checkout", "-q", "series")
        tarball = self.tarball.with_name("linux_1.2-1.debian.tar.xz")
        with tarfile.open(tarball, "w:xz") as tar:
            for name, text in {**files, "series": "".join(lines)}.items():
                info = tarfile.TarInfo(f"debian/patches/{name}")
                info.size = len(text.encode())
                tar.addfile(info, io.BytesIO(text.encode()))
        self.pin(DEBIAN_FILE=tarball.name, DEBIAN_SHA256=hashlib.sha256(tarball.read_bytes()).hexdigest())
        return tarball

    def test_applies(self):
        self.debian(("debian/far.patch", "kernel/dma/mapping.c", "int line2;", "int line2;\nint theirs;"),
                    ("bugfix/other.patch", "drivers/scsi/53c700.c", "int s3;", "int three;"))
        said = self.harness("packaged")
        self.assertIn("2 patches of linux 1.2-1, then 3 of ours, without fuzz; 1 of our hunks at an offset, 1 files of "
                      "both (kernel/dma/mapping.c)", said)
        series = self.read("build/packaged/debian/patches/series").splitlines()
        self.assertEqual(series[1], "debian/far.patch")
        self.assertEqual(series[-3:], [f"features/all/dma-alloc-pages/{name}" for name in (
            "base/0001-net-back.patch", "0001-dma-mapping-one.patch", "0002-net-gone.patch")])
        for name in series[-3:]:
            self.assertTrue(self.path(f"build/packaged/debian/patches/{name}").is_file())

    def test_context_that_debian_moved(self):
        """patch would take it with fuzz 1: the third line of the context is another."""
        self.debian(("debian/near.patch", "kernel/dma/mapping.c", "int line17;", "int theirs;"),
                    ("bugfix/other.patch", "drivers/scsi/53c700.c", "int s3;", "int three;"))
        self.refused("packaged", "dma-alloc-pages/0001-dma-mapping-one.patch", "to kernel/dma/mapping.c",
                     "before it came debian/near.patch")

    def test_file_that_debian_creates(self):
        tarball = self.debian(("debian/a.patch", "drivers/scsi/53c700.c", "int s3;", "int three;"))
        text = b"--- /dev/null\n+++ b/kernel/dma/two.c\n@@ -0,0 +1 @@\n+int theirs;\n"
        with tarfile.open(tarball, "w:xz") as tar:
            for name, data in (("a.patch", text), ("series", b"a.patch\n")):
                info = tarfile.TarInfo(f"debian/patches/{name}")
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        self.pin(DEBIAN_FILE=tarball.name, DEBIAN_SHA256=hashlib.sha256(tarball.read_bytes()).hexdigest())
        self.refused("packaged", "0001-dma-mapping-one.patch", "kernel/dma/two.c", "before it came a.patch")

    def test_another_tarball_than_the_pinned(self):
        tarball = self.debian(("debian/a.patch", "drivers/scsi/53c700.c", "int s3;", "int three;"))
        with tarball.open("ab") as file:
            file.write(b"more")
        apt = self.folder / "bin/apt-get"
        apt.parent.mkdir()
        apt.write_text("#!/bin/sh\nexit 100\n")
        apt.chmod(0o755)
        self.refused("packaged", "build/download", QUEUE_ETC=str(self.folder / "etc"),
                     PATH=f"{apt.parent}:{ENV['PATH']}")
        self.pin()
        self.refused("packaged", "DEBIAN_FILE=")


if __name__ == "__main__":
    unittest.main()
