"""Who gets which mail: what get_maintainer.pl says, and what has no owner."""

import shutil
import subprocess
import unittest

from toy import Toy

# In place of the kernel's: knows drivers/net, by the mail's diff or by a file's name.
MAINTAINER = r"""
my ($file) = $ARGV[-1];
my $text = $file;
if (grep { $_ eq "-f" } @ARGV) { die "file '$file' not found" if !-e $file; } else { local $/; open(my $f, "<", $file) or die "no $file"; $text = <$f>; }
if ($text =~ m,drivers/net/old,) {
	print "Old Hand <old\@example.org> (maintainer:NET)\n";
	print "Passer By <passer\@example.org> (reviewer:NET)\n";
}
print "net\@example.org (open list:NET)\n" if $text =~ m,drivers/net,;
print "linux-kernel\@example.org (open list)\n";
"""


class Recipients(Toy):
    def setUp(self):
        super().setUp()
        self.start()
        self.write("cover-letter", "net: a series\n\nWhat it is for.\n")
        self.commit("base: get_maintainer", {"scripts/get_maintainer.pl": MAINTAINER})
        self.git("tag", "-f", "base")
        self.commit("net: old", self.change("drivers/net/old.c", "old", "older"))
        self.commit("net: new", {"drivers/net/new.c": "int new;\n"})
        self.harness("refresh")

    def test_recipients(self):
        self.assertIn("3 mails, 1 new files, 4 addresses", self.harness("recipients"))
        blocks = self.read("build/series/recipients").strip().split("\n\n")
        self.assertEqual(blocks[1], "0001-net-old.patch\nTo: Old Hand <old@example.org>\n"
                         "Cc: Passer By <passer@example.org>\nCc: net@example.org\nCc: linux-kernel@example.org")
        # A list where no person is known; the cover letter is for the lists.
        self.assertEqual(blocks[2], "0002-net-new.patch\nTo: net@example.org\nCc: linux-kernel@example.org")
        self.assertEqual(blocks[0].split("\n")[:2], ["0000-cover-letter.patch", "To: net@example.org"])
        mail = str(self.path("build/series/0001-net-old.patch"))
        self.assertEqual(self.harness("recipients", "--to", mail), "Old Hand <old@example.org>")
        self.assertEqual(self.harness("recipients", "--cc", mail).split("\n")[0], "Passer By <passer@example.org>")
        self.refused("recipients", "does not have 0009", args=("--to", "0009-none.patch"))

    def test_clean_clone(self):
        """The tree is made first: get_maintainer.pl looks for files in it."""
        shutil.rmtree(self.linux)
        self.assertIn("3 mails, 1 new files, 4 addresses", self.harness("recipients"))

    def test_unfinished_tree(self):
        self.edit("build/linux/drivers/net/old.c", "older", "oldest")
        self.edit("drivers/net/new.c", "new", "newer")
        self.refused("recipients", "build/linux has changes that are not committed")

    def test_without_owner(self):
        self.commit("kernel: nobody's", {"kernel/lonely.c": "int lonely;\n"})
        self.harness("refresh")
        self.refused("recipients", "0003-kernel-nobody-s.patch: nobody", "kernel/lonely.c: MAINTAINERS does not have it")

    @unittest.skipIf(subprocess.run(["git", "send-email", "--dump-aliases"], capture_output=True, check=False).returncode,
                     "git send-email is not installed: harness/packages mails")
    def test_send_email(self):
        self.assertEqual(self.harness("send-email").split("\n")[-1], "git send-email takes 3 mails with their recipients")
        self.commit("net: an address", self.change("scripts/get_maintainer.pl", "<old\\@example.org>", "<old>"))
        self.harness("refresh")
        self.refused("send-email", "git send-email ")


if __name__ == "__main__":
    unittest.main()
