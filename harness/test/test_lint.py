"""Each check of lint is seen to fail, with the repair."""

import shutil
import unittest

from toy import ENV, HARNESS, Toy


class Lint(Toy):
    def setUp(self):
        super().setUp()
        self.start()
        self.commit("base: back", self.change("drivers/net/old.c", "old", "older"))
        self.git("tag", "-f", "base")
        self.commit("dma-mapping: one", {"kernel/dma/sub/two.c": "int two;\n", "kernel/dma/empty": "",
                                         "kernel/dma/run.sh": ("#!/bin/sh\ntrue\n", 0o755),
                                         **self.change("kernel/dma/mapping.c", "line1;", "one;")})
        self.commit("net: two", {"drivers/net/old.c": None, "drivers/net/young.c": "int young"})
        self.commit("net: three", {"drivers/net/young.c": ("int older;\n", 0o755)})
        self.harness("refresh")

    def lint(self, *names):
        return self.harness("lint", *names, check=False)

    def passes(self, *names):
        done = self.lint(*names)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for name in names:
            self.assertIn(f"ok   {name}: ", done.stdout)

    def fails(self, name, *words):
        stored = self.snapshot()
        done = self.lint(name)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertTrue(done.stdout.startswith(f"FAIL {name}: "), done.stdout + done.stderr)
        self.assertEqual(done.stderr, "")
        for word in words:
            self.assertIn(word, done.stdout)
        self.assertEqual(self.snapshot(), stored)

    def message(self, text):
        """The last commit with another message."""
        self.git("commit", "-q", "--amend", "-m", text)
        self.harness("refresh")

    def test_clean(self):
        self.passes("series", "files", "messages", "words", "scripts", "tree", "refresh", "am", "quilt")

    def test_names(self):
        self.assertEqual(self.harness("lint", "--list").split(), [
            "series", "files", "messages", "words", "scripts", "tree", "refresh", "am", "quilt", "checkpatch"])
        self.refused("lint", "nonsense", args=("nonsense",))

    def test_without_tree(self):
        shutil.rmtree(self.linux)
        self.tarball.unlink()
        done = self.lint("series", "am")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("ok   series", done.stdout)
        self.assertIn("skip am", done.stdout)

    def test_makes_the_tree_from_the_tarball(self):
        shutil.rmtree(self.linux)
        self.passes("tree", "am")

    def test_series(self):
        self.write("series", self.read("series") + "kernel/dma/one.patch\n")
        self.fails("series", "twice")

    def test_series_missing_patch(self):
        self.path("kernel/dma/one.patch").unlink()
        self.fails("series", "kernel/dma/one.patch", "repair: git checkout -- kernel/dma/one.patch")

    def test_series_unlisted_patch(self):
        self.write("kernel/stray.patch", "")
        self.write("base/stray.patch", "")
        self.fails("series", "kernel/stray.patch is not in series", "base/stray.patch is not in base/series")

    def test_files_missing(self):
        self.path("kernel/dma/sub/two.c").unlink()
        self.fails("files", "kernel/dma/sub/two.c", "git checkout")

    def test_files_mode(self):
        self.path("kernel/dma/sub/two.c").chmod(0o755)
        self.fails("files", "chmod 644 kernel/dma/sub/two.c")

    def test_files_stray(self):
        self.write("kernel/stray.c", "int stray;\n")
        self.fails("files", "kernel/stray.c: no patch has a create line")

    def test_files_ignored(self):
        self.write(".gitignore", "/build/\n*.c\n")
        self.fails("files", "git add -f kernel/dma/sub/two.c")

    def test_files_of_our_own(self):
        self.write("README.md", "# ours\n")
        self.write("harness/x", "ours\n")
        self.passes("files")
        self.edit("kernel/dma/one.patch", " create mode 100644 kernel/dma/sub/two.c",
                  " create mode 100644 kernel/dma/sub/two.c\n create mode 100644 README.md")
        self.fails("files", "README.md")

    def test_files_created_twice(self):
        self.edit("drivers/net/three.patch", "\ndiff --git", " create mode 100644 kernel/dma/sub/two.c\n\ndiff --git")
        self.fails("files", "kernel/dma/sub/two.c: 2 create lines")

    def test_messages(self):
        for text, word in (("no prefix\n\nBody.", "subsystem: what it does"), ("net: three", "no body"),
                           ("net: " + "x" * 80 + "\n\nBody.", "columns"),
                           ("net: three\n\n" + "word " * 20, "columns"),
                           ("net: three\n\nBody.\n\nSigned-off" "-by: A <a@b>", "Signed-off-by"),
                           ("net: three\n\nBody.\n\nReviewed-by: A <a@b>", "Reviewed-by")):
            self.message(text)
            self.fails("messages", word, "repair: reword")

    def test_messages_that_may_be_wide(self):
        wide = "word " * 20
        self.message(f"net: three\n\n  {wide}\n> {wide}\n| {wide}\nFixes: {wide}\n{'x' * 90}\n")
        self.passes("messages")

    def test_messages_binary(self):
        (self.linux / "kernel/blob").write_bytes(bytes(range(256)))
        self.commit("kernel: blob")
        self.harness("refresh")
        self.fails("messages", "kernel/blob is binary")

    def test_words(self):
        self.write("README.md", f"see {self.top.resolve()}/build\n")
        etc = self.folder / "etc/apt"
        etc.mkdir(parents=True)
        (etc / "sources.list").write_text("deb http://mirror.example/debian x main\n")
        self.write("notes.md", "from mirror.example, not from amirror.example\n")
        done = self.harness("lint", "words", check=False, QUEUE_ETC=str(self.folder / "etc"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("notes.md:1: 'mirror.example'", done.stdout)
        self.assertIn("README.md:1: ", done.stdout)

    def test_scripts(self):
        self.write("harness/long", "#!/bin/sh\n" + "true\n" * 300)
        self.fails("scripts", "harness/long: 301 lines")
        self.write("harness/long", "#!/bin/sh\necho $1\n")
        self.fails("scripts", "shellcheck: harness/long:2")
        self.path("harness/long").unlink()
        self.write("harness/bad.py", "import os\n")
        self.fails("scripts", "pyflakes: harness/bad.py:1")
        self.write("harness/bad.py", "def (\n")
        self.fails("scripts", "harness/bad.py:1")

    def test_tree(self):
        self.edit("kernel/dma/one.patch", "-int line1;", "-int line77;")
        for name in ("tree", "refresh", "am", "quilt"):
            self.fails(name, "kernel/dma/one.patch does not apply")

    def test_tree_end_state(self):
        self.write("drivers/net/young.c", "int edited;\n", 0o755)
        self.fails("tree", "drivers/net/young.c is not what")
        self.fails("refresh", "drivers/net/young.c")

    def test_refresh(self):
        self.edit("kernel/dma/one.patch", "Subject: [PATCH]", "Subject: [PATCH 1/2]")
        self.fails("refresh", "kernel/dma/one.patch", "make tree refresh")
        self.harness("refresh")
        self.passes("refresh")
        self.path("drivers/net/young.c").chmod(0o644)
        self.fails("refresh", "drivers/net/young.c")

    def test_am(self):
        self.commit("kernel: a file with CR", {"kernel/dos": "int x;\r\n", "kernel/dma/Makefile": "x\r\n"})
        self.harness("refresh")
        self.fails("am", "CR")

    def test_quilt(self):
        (self.linux / "kernel/link").symlink_to("dma/mapping.c")
        self.commit("kernel: a link")
        self.harness("refresh")
        self.commit("kernel: change it", {"kernel/link": None})
        (self.linux / "kernel/link").write_bytes(bytes(range(256)))
        self.commit("kernel: blob")
        self.harness("refresh")
        self.fails("quilt", "quilt")

    def test_same_patches_once(self):
        """A quilt that takes nothing is asked only about patches that it has not taken before, whatever is before them."""
        self.passes("quilt")
        version = self.sh("quilt", "--version")
        asked = self.folder / "asked"
        quilt = self.folder / "bin/quilt"
        quilt.parent.mkdir()
        quilt.write_text(f"#!/bin/sh\n[ $1 = --version ] && echo '{version}' || cat \"$QUILT_PATCHES/series\" >> '{asked}'\n")
        quilt.chmod(0o755)
        path = {"PATH": f"{quilt.parent}:{ENV['PATH']}"}
        self.assertIn("ok   quilt", self.harness("lint", "quilt", **path))
        self.assertFalse(asked.exists())
        tip = self.git("rev-parse", "HEAD")
        self.git("reset", "-q", "--hard", "base")
        self.commit("net: four", {"drivers/net/four.c": "int four;\n"})
        self.git("cherry-pick", f"base..{tip}")
        self.harness("refresh")
        done = self.harness("lint", "quilt", check=False, **path)
        self.assertIn("FAIL quilt", done.stdout, done.stderr)
        self.assertEqual(asked.read_text(), "0001-net-four.patch\n")
        self.passes("quilt")

    def test_checkpatch(self):
        """A stand-in that complains about every patch; what it says is kept until the patch changes."""
        scripts = self.linux / "scripts"
        scripts.mkdir()
        for name in ("spelling.txt", "const_structs.checkpatch"):
            (scripts / name).write_text("")
        (scripts / "checkpatch.pl").write_text(
            "open(my $f, '>>', $ENV{'ASKED'}); print $f \"@ARGV\\n\"; open(my $m, '<', $ARGV[-1]);"
            "while (<$m>) { if (/^\\+int older/) { print \"mail:$.: ERROR:ODD: odd\\n\"; exit 1 } }")
        asked = self.folder / "asked"
        for _ in range(2):
            done = self.harness("lint", "checkpatch", check=False, ASKED=str(asked))
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            self.assertIn("FAIL checkpatch: drivers/net/three.patch", done.stdout)
            self.assertIn("ERROR:ODD", done.stdout)
            self.assertNotIn("one.patch", done.stdout)
            self.assertEqual(len(asked.read_text().splitlines()), 3)
        for option in ("--strict", "--no-signoff"):
            self.assertIn(option, asked.read_text())

    def test_checkpatch_conf(self):
        """Every type that our own configuration ignores has its reason."""
        for line in (HARNESS / "checkpatch.conf").read_text().splitlines():
            self.assertRegex(line, "#.*[a-z]")


if __name__ == "__main__":
    unittest.main()
