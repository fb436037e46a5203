"""build/linux -> stored files -> build/linux, for every kind of change."""

from toy import Toy


class RoundTrip(Toy):
    def setUp(self):
        super().setUp()
        self.start()

    def test_changed_file(self):
        self.commit("dma-mapping: change a line", self.change("kernel/dma/mapping.c", "line3;", "line_three;"))
        self.round_trip()
        self.assertEqual(self.series(), ["kernel/dma/change-a-line.patch"])
        self.assertIn("+int line_three;", self.read("kernel/dma/change-a-line.patch"))

    def test_new_file_is_plain_source(self):
        self.commit("dma-mapping: add pages", {"kernel/dma/pages.c": "int pages;\n"})
        self.round_trip()
        self.assertEqual(self.read("kernel/dma/pages.c"), "int pages;\n")
        patch = self.read("kernel/dma/add-pages.patch")
        self.assertIn(" create mode 100644 kernel/dma/pages.c\n", patch)
        self.assertNotIn("diff --git", patch)

    def test_new_and_changed_in_one_patch(self):
        self.commit("dma-mapping: add pages", {"kernel/dma/pages.c": "int pages;\n",
                                               "kernel/dma/Makefile": "obj-y += mapping.o pages.o\n"})
        self.round_trip()
        patch = self.read("kernel/dma/add-pages.patch")
        self.assertIn("+obj-y += mapping.o pages.o", patch)
        self.assertNotIn("+int pages", patch)

    def test_new_file_that_a_later_patch_changes(self):
        self.commit("dma-mapping: add pages", {"kernel/dma/pages.c": "int first;\n"})
        self.commit("dma-mapping: grow pages", {"kernel/dma/pages.c": "int first;\nint second;\n"})
        self.round_trip()
        self.assertIn("+int first;", self.read("kernel/dma/add-pages.patch"))
        self.assertIn("+int second;", self.read("kernel/dma/grow-pages.patch"))
        self.assertEqual(self.read("kernel/dma/pages.c"), "int first;\nint second;\n")

    def test_overlay_becomes_carried_and_back(self):
        self.commit("dma-mapping: add pages", {"kernel/dma/pages.c": "int first;\n"})
        self.round_trip()
        self.assertNotIn("diff --git", self.read("kernel/dma/add-pages.patch"))
        self.commit("dma-mapping: grow pages", {"kernel/dma/pages.c": "int second;\n"})
        self.round_trip()
        self.assertIn("+int first", self.read("kernel/dma/add-pages.patch"))
        self.git("reset", "-q", "--hard", "HEAD~1")
        self.round_trip()
        self.assertNotIn("diff --git", self.read("kernel/dma/add-pages.patch"))
        self.assertEqual(self.read("kernel/dma/pages.c"), "int first;\n")

    def test_new_file_that_is_removed_again(self):
        self.commit("dma-mapping: add pages", {"kernel/dma/pages.c": "int first;\n"})
        self.commit("dma-mapping: drop pages", {"kernel/dma/pages.c": None})
        self.round_trip()
        self.assertFalse(self.path("kernel/dma/pages.c").exists())

    def test_deleted_file(self):
        self.commit("net: drop old", {"drivers/net/old.c": None})
        self.round_trip()
        self.assertFalse((self.linux / "drivers/net/old.c").exists())

    def test_deleted_file_that_returns(self):
        self.commit("net: drop old", {"drivers/net/old.c": None})
        self.commit("net: add old", {"drivers/net/old.c": "int again;\n"})
        self.round_trip()

    def test_moved_file(self):
        self.commit("net: move old", {"drivers/net/old.c": None, "drivers/net/young.c": "int old;\n"})
        self.round_trip()
        self.assertEqual(self.read("drivers/net/young.c"), "int old;\n")

    def test_mode_change(self):
        self.commit("scsi: make it executable", {"drivers/scsi/53c700.c": (
            (self.linux / "drivers/scsi/53c700.c").read_text(), 0o755)})
        self.round_trip()

    def test_mode_change_of_new_file(self):
        self.commit("dma-mapping: add script", {"kernel/dma/s.sh": "#!/bin/sh\n"})
        self.commit("dma-mapping: let it run", {"kernel/dma/s.sh": ("#!/bin/sh\n", 0o755)})
        self.round_trip()
        self.assertTrue(self.path("kernel/dma/s.sh").stat().st_mode & 0o100)

    def test_across_folders(self):
        self.commit("treewide: rename dma", {"include/linux/dma.h": "int dma2(void);\n",
                                             **self.change("drivers/scsi/53c700.c", "s1;", "t1;\nint more;"),
                                             "lib/new/deep.c": "int deep;\n"})
        self.round_trip()
        self.assertEqual(self.series(), ["drivers/scsi/rename-dma.patch"])

    def test_top_folder(self):
        self.commit("MAINTAINERS: add an entry", {"MAINTAINERS": "List of maintainers\nDMA\n"})
        self.round_trip()
        self.assertEqual(self.series(), ["add-an-entry.patch"])

    def test_no_newline_at_end(self):
        self.commit("dma-mapping: add pages", {"kernel/dma/pages.c": "int pages;", "drivers/net/old.c": "int old;"})
        self.round_trip()

    def test_empty_new_file(self):
        self.commit("dma-mapping: add nothing", {"kernel/dma/empty": "", "kernel/dma/Makefile": ""})
        self.round_trip()
        self.assertEqual(self.read("kernel/dma/empty"), "")

    def test_executable_new_file(self):
        self.commit("dma-mapping: add script", {"kernel/dma/s.sh": ("#!/bin/sh\n", 0o755)})
        self.round_trip()
        self.assertTrue(self.path("kernel/dma/s.sh").stat().st_mode & 0o100)

    def test_symlink_and_binary_stay_in_the_patch(self):
        (self.linux / "kernel/link").symlink_to("dma/mapping.c")
        (self.linux / "kernel/blob").write_bytes(bytes(range(256)))
        self.commit("kernel: add a link")
        self.round_trip()
        self.assertIn("GIT binary patch", self.read("kernel/add-a-link.patch"))

    def test_author_and_text_beyond_ascii(self):
        self.commit("dma-mapping: Größe prüfen – in Bytes", {"kernel/dma/pages.c": "/* Grüße */\n"},
                    body="Für Œuvres, 漢字.\n\nZweiter Absatz.\n", GIT_AUTHOR_NAME="Jürgen Ångström, Jr",
                    GIT_AUTHOR_EMAIL="j@example.org")
        self.round_trip()

    def test_long_subject(self):
        self.commit("dma-mapping: " + "word " * 30 + "end", {"kernel/dma/pages.c": "int x;\n"})
        self.round_trip()
        name = self.series()[0].rpartition("/")[2]
        self.assertLessEqual(len(name), 60)
        self.assertTrue(name.endswith("word.patch"), name)

    def test_odd_bodies(self):
        self.commit("dma-mapping: quote things", {"kernel/dma/pages.c": "int x;\n"},
                    body="From somebody:\n\n  diff --git a/x b/x\n  ---\n> quoted\n create mode 100644 kernel/none.c\n"
                         "\nSubject: not one\n")
        self.round_trip()

    def test_base_patches_are_complete(self):
        self.commit("base: put back a file", {"kernel/dma/back.c": "int back;\n"})
        self.git("tag", "-f", "base")
        self.commit("dma-mapping: change it", {"kernel/dma/back.c": "int forth;\n"})
        self.round_trip()
        self.assertEqual(self.read("base/series"), "base-put-back-a-file.patch\n")
        self.assertIn("+int back;", self.read("base/base-put-back-a-file.patch"))
        self.assertFalse(self.path("kernel/dma/back.c").exists())

    def test_users_git_configuration_does_not_matter(self):
        config = self.folder / "gitconfig"
        config.write_text("[diff]\n\tnoprefix = true\n\talgorithm = histogram\n\tcontext = 9\n\trenames = copies\n"
                          "[format]\n\tsignature = me\n\tattach\n\tfrom = x@y\n\tnumbered = true\n"
                          "[core]\n\tautocrlf = true\n\tabbrev = 7\n\tattributesFile = /nonexistent\n"
                          "[color]\n\tui = always\n[commit]\n\tgpgsign = true\n")
        self.commit("dma-mapping: change", self.change("kernel/dma/mapping.c", "line3;", "l3;\n\n\nint l4;"))
        self.commit("net: move old", {"drivers/net/old.c": None, "drivers/net/young.c": "int old;\n"})
        self.harness("refresh")
        stored = self.snapshot()
        for key in ("diff.noprefix", "core.autocrlf", "format.attach", "format.signOff", "format.coverLetter",
                    "color.ui"):
            self.git("config", key, "true")
        self.harness("refresh", GIT_CONFIG_GLOBAL=str(config))
        self.assertEqual(self.snapshot(), stored)
