"""Where the tarball comes from: a stand-in for apt-get, and LINUX_TARBALL."""

import shutil
import tarfile
import unittest

from toy import ENV, KERNEL, Toy, make_tarball

# Knows what the real one is asked; $FAKE is the folder that tells it how to answer.
APT = """#!/bin/sh
list=
for word; do case $word in Dir::Etc::SourceList=*) list=${word#*=} ;; esac; done
case " $* " in
*" indextargets "*) cat "$FAKE/uris" ;;
*" update "*) tee -a "$FAKE/asked" <"$list"; ! grep -q broken "$list" || { echo "E: no such host"; exit 100; } ;;
*" source "*) [ -f "$FAKE/answer" ] || { echo "E: Unable to find a source package"; exit 100; }
	cp "$FAKE/answer" ./linux_1.2.orig.tar.xz ;;
esac
"""


class Fetch(Toy):
    def setUp(self):
        super().setUp()
        self.fake = self.folder / "fake"
        (self.fake / "bin").mkdir(parents=True)
        (self.fake / "etc/apt/sources.list.d").mkdir(parents=True)
        apt = self.fake / "bin/apt-get"
        apt.write_text(APT)
        apt.chmod(0o755)
        self.env = {"PATH": f"{self.fake}/bin:{ENV['PATH']}", "FAKE": str(self.fake),
                    "QUEUE_ETC": str(self.fake / "etc")}
        (self.fake / "uris").write_text("http://mirror.example/debian/\n")
        self.good = self.fake / "answer"
        shutil.move(self.tarball, self.good)

    def asked(self):
        return [line.split()[-3] for line in (self.fake / "asked").read_text().splitlines()]

    def test_from_apt(self):
        self.harness("tree", **self.env)
        self.assertEqual(self.asked(), ["http://mirror.example/debian-security"])
        self.assertEqual([path.name for path in self.tarball.parent.iterdir()], [self.tarball.name])
        self.assertEqual(self.git("log", "--format=%s"), "Linux 1.2")

    def test_sources_that_name_the_archive_come_first(self):
        (self.fake / "uris").write_text("http://one.example/debian\nhttp://two.example/debian-security\n"
                                        "http://three.example/other\n")
        self.harness("fetch", **self.env)
        self.assertEqual(self.asked(), ["http://two.example/debian-security"])

    def test_next_mirror_when_one_is_gone(self):
        (self.fake / "uris").write_text("http://broken.example/debian\nhttp://good.example/debian\n")
        self.harness("fetch", **self.env)
        self.assertEqual(self.asked()[-1], "http://good.example/debian-security")

    def test_sources_before_the_first_update(self):
        """indextargets says nothing then; both forms of source files do."""
        (self.fake / "uris").write_text("")
        apt = self.fake / "etc/apt"
        (apt / "sources.list").write_text("# deb http://no.example/debian x main\n"
                                          "deb [arch=amd64 signed-by=/x] http://broken.example/debian x main\n")
        (apt / "sources.list.d/a.sources").write_text("Types: deb\nURIs: http://a.example/debian-security/\n"
                                                      "Suites: x\n")
        self.harness("fetch", **self.env)
        self.assertEqual(self.asked(), ["http://a.example/debian-security"])
        shutil.rmtree(apt / "sources.list.d")
        self.tarball.unlink()
        self.refused("fetch", "LINUX_TARBALL=", "no such host", **self.env)

    def test_no_sources(self):
        (self.fake / "uris").write_text("")
        self.refused("tree", "name no Debian mirror", "LINUX_TARBALL=", **self.env)

    def test_apt_fails(self):
        (self.fake / "uris").write_text("http://broken.example/debian\n")
        self.refused("tree", "no such host", "LINUX_TARBALL=", **self.env)

    def test_version_gone(self):
        self.good.unlink()
        self.refused("tree", "linux 1.2-1", "Unable to find", "LINUX_TARBALL=", **self.env)

    def test_altered_on_the_mirror(self):
        with self.good.open("ab") as file:
            file.write(b"more")
        self.refused("tree", "linux 1.2-1", "LINUX_TARBALL=", **self.env)
        self.assertFalse(self.tarball.exists())

    def test_wrong_file_in_the_download_folder(self):
        self.tarball.write_bytes(self.good.read_bytes()[:-100])
        self.harness("tree", **self.env)
        self.assertEqual(self.tarball.read_bytes(), self.good.read_bytes())
        self.assertTrue(self.tarball.with_name(self.tarball.name + ".wrong").exists())

    def test_partial_download_is_not_trusted(self):
        partial = self.tarball.parent / "partial"
        partial.mkdir()
        (partial / self.tarball.name).write_bytes(self.good.read_bytes()[:-100])
        self.harness("tree", **self.env)
        self.assertEqual(self.tarball.read_bytes(), self.good.read_bytes())


class Given(Toy):
    """LINUX_TARBALL, with the pinned one out of reach, and a stored series."""

    def setUp(self):
        super().setUp()
        self.start()
        self.commit("base: back", self.change("drivers/net/old.c", "old", "older"))
        self.git("tag", "-f", "base")
        self.commit("dma-mapping: one", self.change("kernel/dma/mapping.c", "line1;", "one;"))
        self.commit("dma-mapping: two", {"kernel/dma/two.c": "int two;\n"})
        self.commit("net: three", self.change("drivers/net/old.c", "older", "oldest"))
        self.harness("refresh")
        self.tip = self.git("rev-parse", "HEAD^{tree}")
        shutil.rmtree(self.linux)
        self.pinned = self.folder / "pinned.tar.xz"
        shutil.move(self.tarball, self.pinned)
        self.other = self.folder / "other.tar.gz"

    def given(self, path):
        return {"LINUX_TARBALL": str(path)}

    def refuse(self, path, *words):
        return self.refused("tree", *words, **self.given(path))

    def test_pinned(self):
        self.harness("tree", **self.given(self.pinned))
        self.assertEqual(self.git("rev-parse", "HEAD^{tree}"), self.tip)
        self.harness("tree")    # needs no tarball any more

    def test_other_tarball_of_the_release(self):
        make_tarball(self.other, {**KERNEL, "drivers/net/untouched.c": "int differs;\n"}, "gz")
        self.harness("tree", **self.given(self.other))
        self.assertEqual(self.git("log", "-1", "--format=%s"), "net: three")

    def test_differing_touched_file(self):
        make_tarball(self.other, {**KERNEL, "kernel/dma/mapping.c": KERNEL["kernel/dma/mapping.c"] + "int more;\n"},
                     "gz")
        line = self.refuse(self.other, "kernel/dma/mapping.c", "kernel/dma/one.patch")
        self.assertRegex(line, "[0-9a-f]{40}.*[0-9a-f]{40}")

    def test_first_patch_that_touches_decides(self):
        make_tarball(self.other, {**KERNEL, "drivers/net/old.c": "int older;\n"}, "gz")
        self.refuse(self.other, "drivers/net/old.c", "base/base-back.patch")

    def test_missing_touched_file(self):
        make_tarball(self.other, {name: text for name, text in KERNEL.items() if name != "drivers/net/old.c"}, "gz")
        self.refuse(self.other, "drivers/net/old.c", "missing")

    def test_created_file_is_there_already(self):
        make_tarball(self.other, {**KERNEL, "kernel/dma/two.c": "int theirs;\n"}, "gz")
        self.refuse(self.other, "kernel/dma/two.c", "kernel/dma/two.patch", "there already")

    def test_series_that_moves_on_is_held_to_the_release_too(self):
        make_tarball(self.other, {**KERNEL, "include/linux/dma.h": "int dma(void);\n\n"}, "gz")
        self.harness("tree", **self.given(self.other))
        self.commit("dma-mapping: four", self.change("include/linux/dma.h", "int", "long"))
        self.harness("refresh")
        patch = self.read("kernel/dma/four.patch")
        self.write("kernel/dma/four.patch", patch.replace("index ", "index 1"))
        self.refused("tree", "include/linux/dma.h", "rm -rf build/linux")

    def test_another_tarball_than_before(self):
        self.harness("tree", **self.given(self.pinned))
        make_tarball(self.other, KERNEL, "gz")
        self.refuse(self.other, "LINUX_TARBALL", "rm -rf build/linux")

    def test_missing(self):
        self.refuse(self.folder / "none.tar.xz", "none.tar.xz")

    def test_cut_short(self):
        self.other = self.folder / "other.tar.xz"
        self.other.write_bytes(self.pinned.read_bytes()[:-200])
        self.refuse(self.other, "other.tar.xz", "cut short")

    def test_no_tarball(self):
        self.other.write_text("text")
        self.refuse(self.other, "damaged")
        self.other = self.folder / "other.zip"
        self.other.write_text("text")
        self.refuse(self.other, "neither")

    def test_packed_but_no_tarball(self):
        path = self.folder / "plain"
        path.write_text("text\n" * 1000)
        self.sh("gzip", "-k", str(path))
        path.with_name("plain.gz").rename(self.other)
        self.refuse(self.other, "not a tarball")

    def test_not_a_kernel(self):
        make_tarball(self.other, {"README": "hello\n"}, "gz")
        self.refuse(self.other, "does not hold a kernel")
        with tarfile.open(self.other, "w:gz") as tar:
            tar.add(self.pinned, "a")
            tar.add(self.pinned, "b")
        self.refuse(self.other, "does not hold a kernel")


if __name__ == "__main__":
    unittest.main()
