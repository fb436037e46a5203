"""One diff from the release to the end of the series: complete, in order, with what made each file."""

import subprocess
import sys
import unittest

from toy import ENV, HARNESS, Toy


class Delta(Toy):
    def setUp(self):
        super().setUp()
        self.start()
        self.commit("base: back", self.change("drivers/net/old.c", "old", "older"))
        self.commit("base: header back", self.change("include/linux/dma.h", "int", "long"))
        self.git("tag", "-f", "base")
        self.commit("dma-mapping: one", {"kernel/dma/two.c": "int two;\n",
                                         **self.change("kernel/dma/mapping.c", "line1;", "one;")})
        self.commit("dma-mapping: header", self.change("include/linux/dma.h", "long", "int"))
        self.commit("dma-mapping: three", self.change("kernel/dma/mapping.c", "int line3;\nint line4;", "int three;"))
        self.commit("scsi: 53c700: less", self.change("drivers/scsi/53c700.c", "static int s3;\n", ""))
        self.commit("scsi: 53c700: test", {"drivers/scsi/53c700_test.c": "int test;\n"})
        self.commit("toy: beyond", {"odd/place.txt": "what no group has\n", "kernel/dma/Makefile": None})
        self.harness("refresh")

    def delta(self):
        self.harness("delta")
        return self.read("build/delta.diff")

    def test_order_and_contents(self):
        text = self.delta()
        names = [line.split(" b/")[1] for line in text.splitlines() if line.startswith("diff --git ")]
        self.assertEqual(names, ["kernel/dma/Makefile", "kernel/dma/mapping.c", "drivers/scsi/53c700.c",
                                 "drivers/net/old.c", "drivers/scsi/53c700_test.c", "kernel/dma/two.c",
                                 "odd/place.txt"])
        contents = text[:text.index("diff --git ")]
        self.assertEqual([name for name in names if f"\n  {name}  +" in contents], names)
        for words in ("== 4 changed files (+3 -6)\n\nDMA mapping core:\n",
                      "  kernel/dma/mapping.c  +2 -3\n      dma-mapping: one\n      dma-mapping: three\n",
                      "  drivers/scsi/53c700.c  +0 -1\n      scsi: 53c700: less\n",
                      "  drivers/net/old.c  +1 -1\n      base: back\n",
                      "== 3 new files (+3 -0)\n", "  kernel/dma/two.c  +1\n      dma-mapping: one\n",
                      "\nodd:\n  odd/place.txt  +1\n"):
            self.assertIn(words, contents)

    def test_gives_the_tree(self):
        self.delta()
        self.git("checkout", "-q", "--detach", "release")
        self.git("apply", "--index", str(self.path("build/delta.diff")))
        self.assertEqual(self.git("write-tree"), self.git("rev-parse", "series^{tree}"))

    def test_file_that_is_missing(self):
        """The verb's own check, with one file's diff taken out, or one line of it."""
        text = self.delta()
        code = (f"import sys; sys.path.insert(0, {str(HARNESS)!r})\n"
                "from patchqueue import common, delta\n"
                "common.main('delta', delta.check, sys.stdin.buffer.read(), *map(common.resolve, ('release', 'series')))")

        def check(text):
            return subprocess.run([sys.executable, "-B", "-c", code], input=text.encode(), capture_output=True, check=False,
                                  env={**ENV, "QUEUE_TOP": str(self.top)})

        self.assertEqual(check(text).returncode, 0)
        part = text[text.index("diff --git a/odd/"):]
        done = check(text.replace(part, ""))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"delta: the diff lacks changes of odd/place.txt", done.stderr)
        self.assertIn(b"the diff lacks changes of kernel/dma/mapping.c", check(text.replace("+int three", "+int 3")).stderr)
        self.assertIn(b"does not apply", check(text.replace("-int line3", "-int line5")).stderr)

    def test_empty_series(self):
        self.git("checkout", "-q", "-B", "series", "release")
        self.git("tag", "-f", "base")
        self.harness("refresh")
        self.refused("delta", "no difference")


if __name__ == "__main__":
    unittest.main()
