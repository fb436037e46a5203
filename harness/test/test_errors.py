"""What is refused, with one line that names the thing, and nothing lost."""

import os
import shutil
import signal
import subprocess
import unittest

from toy import ENV, Toy


class Stored(Toy):
    """Faults in the stored files, seen by make tree."""

    def setUp(self):
        super().setUp()
        self.start()
        self.commit("dma-mapping: one", self.change("kernel/dma/mapping.c", "line1;", "one;"))
        self.commit("dma-mapping: two", {"kernel/dma/two.c": "int two;\n"})
        self.harness("refresh")

    def test_listed_twice(self):
        self.write("series", self.read("series") + "kernel/dma/one.patch\n")
        self.refused("tree", "kernel/dma/one.patch", "twice")

    def test_listed_and_missing(self):
        self.write("series", self.read("series") + "kernel/dma/none.patch\n")
        self.refused("tree", "kernel/dma/none.patch", "series")

    def test_listed_outside(self):
        shutil.copy(self.path("kernel/dma/one.patch"), self.folder / "elsewhere.patch")
        self.write("series", "../elsewhere.patch\n")
        self.refused("tree", "'../elsewhere.patch' is not the path")

    def test_create_line_without_file(self):
        self.path("kernel/dma/two.c").unlink()
        self.refused("tree", "kernel/dma/two.patch", "kernel/dma/two.c")

    def test_create_line_for_our_own_file(self):
        self.edit("kernel/dma/two.patch", " create mode 100644 kernel/dma/two.c",
                  " create mode 100644 kernel/dma/two.c\n create mode 100644 harness/tree")
        self.refused("tree", "kernel/dma/two.patch", "harness/tree")

    def test_created_twice(self):
        self.edit("kernel/dma/two.patch", " create mode 100644 kernel/dma/two.c",
                  " create mode 100644 kernel/dma/two.c\n create mode 100644 kernel/dma/mapping.c")
        self.refused("tree", "kernel/dma/two.patch", "kernel/dma/mapping.c", "there already")

    def test_does_not_apply(self):
        self.edit("kernel/dma/one.patch", "-int line1;", "-int line77;")
        line = self.refused("tree", "kernel/dma/one.patch does not apply", "kernel/dma/mapping.c")
        self.assertIn("patch failed", line)

    def test_not_a_mail(self):
        self.write("kernel/dma/one.patch", self.read("kernel/dma/one.patch").partition("---\n")[2])
        self.refused("tree", "kernel/dma/one.patch", "not a mail")

    def test_changes_nothing(self):
        self.edit("kernel/dma/two.patch", " create mode 100644 kernel/dma/two.c\n", "")
        self.refused("tree", "kernel/dma/two.patch", "changes nothing")

    def test_end_state_edited(self):
        self.commit("dma-mapping: three", {"kernel/dma/two.c": "int three;\n"})
        self.harness("refresh")
        self.write("kernel/dma/two.c", "int edited;\n")
        done = self.harness("tree", check=False)
        self.assertEqual(done.returncode, 0)
        self.assertIn("kernel/dma/two.c is not what the patches make of it", done.stderr)
        self.refused("refresh", "kernel/dma/two.c", "kernel/dma/two.patch")


class Tree(Toy):
    """Work in build/linux that tree and refresh must not lose."""

    def setUp(self):
        super().setUp()
        self.start()
        self.commit("dma-mapping: one", self.change("kernel/dma/mapping.c", "line1;", "one;"))
        self.commit("dma-mapping: two", {"kernel/dma/two.c": "int two;\n"})
        self.harness("refresh")

    def store_another(self):
        """The stored side moves on, as after git pull."""
        self.write("kernel/dma/two.c", "int pulled;\n")

    def test_tree_with_uncommitted_changes(self):
        self.store_another()
        self.write("build/linux/drivers/net/old.c", "int dirt;\n")
        self.refused("tree", "drivers/net/old.c", "make refresh")
        self.assertEqual(self.read("build/linux/drivers/net/old.c"), "int dirt;\n")

    def test_tree_with_untracked_file(self):
        self.store_another()
        self.write("build/linux/drivers/net/new.c", "int dirt;\n")
        self.refused("tree", "drivers/net/new.c")

    def test_tree_with_commits(self):
        self.store_another()
        self.commit("net: mine", {"drivers/net/old.c": "int mine;\n"})
        self.refused("tree", "commits that are not in the series", "make refresh")

    def test_tree_at_an_earlier_commit(self):
        self.git("checkout", "-q", "base")
        self.refused("tree", "checkout series")

    def test_tree_in_the_middle_of_a_rebase(self):
        self.store_another()
        (self.linux / ".git/rebase-merge").mkdir()
        self.refused("tree", "rebase-merge")

    def test_refresh_dirty(self):
        self.write("build/linux/drivers/net/old.c", "int dirt;\n")
        self.refused("refresh", "drivers/net/old.c")

    def test_refresh_untracked(self):
        self.write("build/linux/drivers/net/new.c", "int dirt;\n")
        self.refused("refresh", "drivers/net/new.c")

    def test_refresh_in_the_middle_of_a_rebase(self):
        (self.linux / ".git/rebase-merge").mkdir()
        self.refused("refresh", "rebase-merge")

    def test_refresh_after_stored_edit(self):
        self.commit("net: mine", {"drivers/net/old.c": "int mine;\n"})
        self.edit("kernel/dma/one.patch", "+int one;", "+int uno;")
        self.refused("refresh", "kernel/dma/one.patch")

    def test_refresh_after_stored_file_edit(self):
        self.commit("net: mine", {"drivers/net/old.c": "int mine;\n"})
        self.store_another()
        self.refused("refresh", "kernel/dma/two.patch")

    def test_refresh_after_entries_removed(self):
        self.commit("net: mine", {"drivers/net/old.c": "int mine;\n"})
        self.edit("series", "kernel/dma/two.patch\n", "")
        self.refused("refresh", "series")

    def test_refresh_with_merge(self):
        self.git("checkout", "-q", "-b", "side", "base")
        self.commit("net: side", {"drivers/net/old.c": "int side;\n"})
        self.git("checkout", "-q", "series")
        self.git("merge", "-q", "--no-edit", "side")
        self.refused("refresh", "is a merge")

    def test_refresh_with_empty_commit(self):
        self.commit("net: nothing")
        self.refused("refresh", "net: nothing", "empty")

    def test_refresh_with_base_elsewhere(self):
        self.git("checkout", "-q", "-b", "side", "base")
        self.commit("net: side", {"drivers/net/old.c": "int side;\n"})
        self.git("tag", "-f", "base")
        self.git("checkout", "-q", "series")
        self.refused("refresh", "tag -f base")

    def test_refresh_of_our_own_path(self):
        self.commit("net: mine", {"harness/tree": "mine\n"})
        self.refused("refresh", "net: mine", "harness/tree")

    def test_refresh_of_a_message_that_a_mail_loses(self):
        for message in ("[x86] net: mine\n\nBody.", "net: mine\n\nBody.\n\n---\nMore."):
            self.commit("net: will be reworded", {"drivers/net/old.c": "int mine;\n"})
            self.git("commit", "-q", "--amend", "-m", message)
            self.refused("refresh", "net: mine", "does not survive as a mail")
            self.git("reset", "-q", "--hard", "HEAD~1")

    def test_refresh_without_tree(self):
        shutil.rmtree(self.linux)
        self.refused("refresh", "make tree")

    def test_two_runs_at_once(self):
        lock = self.path("build/.lock")
        with subprocess.Popen(["flock", str(lock), "sh", "-c", "echo held; sleep 60"], stdout=subprocess.PIPE,
                              start_new_session=True) as holder:
            holder.stdout.readline()
            for verb in ("tree", "refresh", "series", "lint", "fetch"):
                self.refused(verb, "another run", QUEUE_WAIT="0")
            os.killpg(holder.pid, signal.SIGTERM)


    def test_a_run_waits_for_another(self):
        with subprocess.Popen(["flock", str(self.path("build/.lock")), "sh", "-c", "echo held; sleep 1"],
                              stdout=subprocess.PIPE) as holder:
            holder.stdout.readline()
            done = self.harness("tree", check=False)
        self.assertEqual(done.returncode, 0)
        self.assertIn("waiting for another run", done.stderr)


class Interrupted(Toy):
    """Runs that are cut off, and the next one."""

    def killed_at(self, *words):
        """make tree, killed (-9) when it comes to a git command with these words."""
        fake = self.folder / "bin"
        fake.mkdir(exist_ok=True)
        git = fake / "git"
        git.write_text('#!/bin/sh\ncase " $* " in *" $KILL_AT "*) kill -9 $PPID; exit 1 ;; esac\n'
                       f'exec {shutil.which("git")} "$@"\n')
        git.chmod(0o755)
        done = self.harness("tree", check=False, KILL_AT=" ".join(words), PATH=f"{fake}:{ENV['PATH']}")
        self.assertEqual(done.returncode, -signal.SIGKILL, done.stderr)

    def test_killed_while_unpacking(self):
        """build/linux appears when it is complete, and the next run cleans up."""
        for words in (("init", "-q"), ("add", "-f", "-A"), ("write-tree",), ("update-ref", "refs/queue/built")):
            self.killed_at(*words)
            self.assertFalse(self.linux.exists())
            self.assertNotEqual(list((self.top / "build/tmp").iterdir()), [])
        self.harness("tree")
        self.assertEqual(self.git("status", "--porcelain"), "")
        self.assertEqual(list((self.top / "build/tmp").iterdir()), [])

    def test_killed_before_and_after_moving(self):
        self.harness("tree")
        self.commit("dma-mapping: one", {"kernel/dma/one.c": "int one;\n"})
        self.harness("refresh")
        for number, words in enumerate((("read-tree", "-m", "-u"), ("update-ref", "-d"), ("fast-import", "--quiet"))):
            self.write("kernel/dma/one.c", f"int number{number};\n")
            self.killed_at(*words)
            self.harness("tree")
            self.assertEqual(self.read("build/linux/kernel/dma/one.c"), f"int number{number};\n")
            self.assertEqual(self.git("status", "--porcelain"), "")
            self.assertNotIn("moving", self.git("for-each-ref"))

    def test_killed_while_moving(self):
        """The work tree was half moved: the next run brings it to the end."""
        self.harness("tree")
        self.commit("dma-mapping: one", {"kernel/dma/one.c": "int one;\n",
                                         **self.change("kernel/dma/mapping.c", "line1;", "one;")})
        self.harness("refresh")
        tip = self.git("rev-parse", "HEAD")
        self.git("reset", "-q", "--hard", "base")
        self.git("update-ref", "refs/queue/built", "base")
        self.git("update-ref", "refs/queue/moving", tip)
        self.write("build/linux/kernel/dma/one.c", "int on")
        self.write("build/linux/.git/index.lock", "")
        self.harness("tree")
        self.assertEqual(self.git("rev-parse", "HEAD"), tip)
        self.assertEqual(self.git("status", "--porcelain"), "")
        self.assertNotIn("moving", self.git("for-each-ref"))

    def test_foreign_tree(self):
        self.linux.mkdir(parents=True)
        self.sh("git", "init", "-q", cwd=self.linux)
        done = self.harness("tree", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("move it away", done.stderr)

    def test_pin_changed(self):
        self.harness("tree")
        self.pin(SHA256="0" * 64)
        self.refused("tree", "base/source", "rm -rf build/linux")

    def test_no_space(self):
        self.pin(SPACE="999999999")
        self.refused("tree", "999999999 MiB")


if __name__ == "__main__":
    unittest.main()
