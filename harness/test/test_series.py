"""The order of the series, edited on either side, and what refresh makes of names and comments."""

from toy import Toy

TABLE = """# First things

# Fixes
kernel/dma/one.patch

# The API
kernel/dma/two.patch
# Drivers
drivers/scsi/53c700-three.patch
# The end
"""


class Queue(Toy):
    """Three patches with comments between them, stored and committed."""

    def setUp(self):
        super().setUp()
        self.start()
        self.commit("dma-mapping: one", self.change("kernel/dma/mapping.c", "line1;", "one;"))
        self.commit("dma-mapping: two", {"kernel/dma/two.c": "int two;\n"})
        self.commit("scsi: 53c700: three", self.change("drivers/scsi/53c700.c", "s3;", "three;"))
        self.harness("refresh")
        self.write("series", TABLE)
        self.harness("refresh")
        self.assertEqual(self.read("series"), TABLE)
        self.save()

    def rebase(self, *order):
        """Put the three commits in another order, some of them left out."""
        commits = dict(zip((1, 2, 3), self.git("rev-list", "--reverse", "base..HEAD").split()))
        self.git("reset", "-q", "--hard", "base")
        for number in order:
            self.git("cherry-pick", commits[number])


class Series(Queue):
    def test_nothing_changed(self):
        self.round_trip()
        self.assertEqual(self.sh("git", "status", "--porcelain"), "")

    def test_new_commit_at_the_end_joins_its_subsystem(self):
        self.commit("dma-mapping: four", self.change("include/linux/dma.h", "int", "long"))
        self.round_trip()
        self.assertEqual(self.read("series"), TABLE.replace(
            "53c700-three.patch\n", "53c700-three.patch\nkernel/dma/four.patch\n"))

    def test_documents_follow_the_code(self):
        self.commit("net: five", {"Documentation/net.rst": "a\nb\nc\n", "drivers/net/old.c": "int five;\n"})
        self.round_trip()
        self.assertIn("drivers/net/five.patch", self.series())

    def test_inserted(self):
        self.rebase(1)
        self.commit("dma-mapping: between", self.change("include/linux/dma.h", "int", "long"))
        self.git("cherry-pick", "refs/queue/built~1", "refs/queue/built")
        self.round_trip()
        self.assertEqual(self.read("series"), TABLE.replace(
            "one.patch\n", "one.patch\nkernel/dma/between.patch\n"))

    def test_removed_with_its_new_file(self):
        self.rebase(1, 3)
        self.round_trip()
        self.assertEqual(self.read("series"), TABLE.replace("kernel/dma/two.patch\n", ""))
        self.assertFalse(self.path("kernel/dma/two.patch").exists())
        self.assertFalse(self.path("kernel/dma/two.c").exists())

    def test_last_of_a_folder_removed(self):
        self.rebase(1, 2)
        self.round_trip()
        self.assertEqual(self.read("series"), TABLE.replace("drivers/scsi/53c700-three.patch\n", ""))
        self.assertFalse(self.path("drivers").exists())

    def test_reordered_in_the_tree(self):
        self.rebase(3, 1, 2)
        self.round_trip()
        self.assertEqual(self.read("series"), "# Drivers\ndrivers/scsi/53c700-three.patch\n# First things\n\n# Fixes\n"
                         "kernel/dma/one.patch\n\n# The API\nkernel/dma/two.patch\n# The end\n")

    def test_reordered_in_the_series_file(self):
        text = "kernel/dma/two.patch\n# comment\ndrivers/scsi/53c700-three.patch\nkernel/dma/one.patch\n"
        self.write("series", text)
        self.harness("tree")
        self.assertEqual(self.git("log", "--format=%s", "base..").split("\n"),
                         ["dma-mapping: one", "scsi: 53c700: three", "dma-mapping: two"])
        self.round_trip()
        self.assertEqual(self.read("series"), text)

    def test_reworded_keeps_folder_and_comment(self):
        self.path("include").mkdir()
        self.sh("git", "mv", "kernel/dma/two.patch", "include/two.patch")
        self.edit("series", "kernel/dma/two.patch", "include/two.patch")
        self.rebase(1, 2)
        self.git("commit", "--amend", "-q", "-m", "net: zwei\n\nBody.")
        self.git("cherry-pick", "refs/queue/built")
        self.round_trip()
        self.assertEqual(self.read("series"), TABLE.replace("kernel/dma/two.patch", "include/zwei.patch"))

    def test_moved_patch_keeps_its_place(self):
        self.path("include").mkdir()
        self.sh("git", "mv", "kernel/dma/one.patch", "include/any-name.patch")
        self.edit("series", "kernel/dma/one.patch", "include/any-name.patch")
        self.harness("tree")
        self.round_trip()
        self.assertIn("include/any-name.patch", self.series())

    def test_same_words_get_their_prefix(self):
        self.commit("dma: two", {"kernel/dma/x.c": "int x;\n"})
        self.round_trip()
        self.assertIn("kernel/dma/two.patch", self.series())
        self.assertIn("kernel/dma/dma-two.patch", self.series())

    def test_same_name_twice(self):
        self.commit("dma: zwei", {"kernel/dma/x.c": "int x;\n"})
        self.commit("dma: zwei", {"kernel/dma/y.c": "int y;\n"})
        self.commit("dma: zwei", {"kernel/dma/z.c": "int z;\n"})
        self.refused("refresh", "kernel/dma/dma-zwei.patch", "dma: zwei")

    def test_stored_patch_edited(self):
        self.edit("kernel/dma/one.patch", "+int one;", "+int uno;")
        self.harness("tree")
        self.assertIn("int uno;", (self.linux / "kernel/dma/mapping.c").read_text())
        self.round_trip()

    def test_stored_file_edited(self):
        self.write("kernel/dma/two.c", "int two;\nint more;\n")
        self.harness("tree")
        self.assertIn("int more;", (self.linux / "kernel/dma/two.c").read_text())
        self.round_trip()
        self.assertIn("2 insertions", self.read("kernel/dma/two.patch"))

    def test_only_differing_files_are_touched(self):
        kept = self.linux / "drivers/scsi/53c700.c"
        before = kept.stat().st_mtime_ns
        self.write("kernel/dma/two.c", "int zwei;\n")
        self.harness("tree")
        self.assertEqual(kept.stat().st_mtime_ns, before)

    def test_up_to_date_with_dirt(self):
        self.write("build/linux/kernel/dma/two.c", "int dirt;\n")
        self.harness("tree")
        self.assertEqual(self.read("build/linux/kernel/dma/two.c"), "int dirt;\n")

    def test_a_mail_from_elsewhere(self):
        """A patch with a short index and fuzzless offsets is taken, and refresh makes it ours."""
        self.git("format-patch", "-1", "-o", str(self.folder), "--signature=x", "HEAD")
        mail = next(self.folder.glob("0001-*")).read_text().replace("three", "four")
        self.rebase(1, 2)
        self.harness("refresh")
        self.write("drivers/scsi/mail.patch", mail)
        self.edit("series", "kernel/dma/two.patch\n", "kernel/dma/two.patch\ndrivers/scsi/mail.patch\n")
        self.harness("tree")
        self.round_trip()
        self.assertNotIn("-- \nx", self.read("drivers/scsi/mail.patch"))


class Mails(Queue):
    """build/series; the checks of lint apply it with git am and quilt."""

    def setUp(self):
        super().setUp()
        self.write("cover-letter", "a subject\n\nWords, größer.\n")
        self.harness("series")

    def test_contents(self):
        folder = self.path("build/series")
        self.assertEqual(sorted(path.name for path in folder.iterdir()), [
            "0000-cover-letter.patch", "0001-dma-mapping-one.patch", "0002-dma-mapping-two.patch",
            "0003-scsi-53c700-three.patch", "base", "series"])
        cover = (folder / "0000-cover-letter.patch").read_text()
        for words in ("Subject: [PATCH 0/3] a subject\n", "\n\nWords, größer.\n", "3 files changed",
                      "scsi: 53c700: three", "charset=UTF-8"):
            self.assertIn(words, cover)
        self.assertIn("+int two;", (folder / "0002-dma-mapping-two.patch").read_text())
        self.assertEqual((folder / "series").read_text().split(), [
            "0001-dma-mapping-one.patch", "0002-dma-mapping-two.patch", "0003-scsi-53c700-three.patch"])

    def test_git_am_gives_the_commit(self):
        """With the author as the committer it is even the same commit."""
        tip = self.git("rev-parse", "HEAD")
        self.git("checkout", "-q", "--detach", "base")
        mails = sorted(str(path) for path in self.path("build/series").glob("0*.patch"))
        self.git("am", "-q", "--empty=drop", "--committer-date-is-author-date", *mails)
        self.assertEqual(self.git("rev-parse", "HEAD"), tip)
