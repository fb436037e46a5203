"""Planted faults for what builds the series step by step, for its documents and its comments."""

import shutil
import unittest

from toy import HARNESS, Toy

# What the scripts ask of the kernel's build: a configuration, folders with W=1 or C=1, documents. The stand-in for
# Sphinx says what a line with BAD in it would make it say; other.c is of a driver that is not configured.
MAKEFILE = """VERSION = 1
PATCHLEVEL = 2
toy_defconfig olddefconfig:
	@touch "$(O)/.config"
%/: FORCE
	@mkdir -p "$(O)/$@"
	@for file in $(filter-out %/other.c,$(wildcard $@*.c)); do \\
		$(CC) $(if $(W),-Wall) -Iinclude -c $$file -o "$(O)/$${file%.c}.o" || exit 1; \\
		[ -z "$(C)" ] || sparse -Iinclude $$file || exit 1; \\
	done
	@touch "$(O)/$@built-in.a"
htmldocs:
	@mkdir -p "$(O)"; grep -rn BAD $(addprefix Documentation/,$(SPHINXDIRS)) | \\
		sed -E 's#^([^:]*:[0-9]+):.*#$(CURDIR)/\\1: WARNING: bad#' >&2
FORCE:
"""
UNUSED = "static int unused;\n"
UNDOCUMENTED = "/**\n * f() - do it\n * @x: how often\n */\nint f(int x, int y)\n{\n\treturn x + y;\n}\n"
KERNEL_DOC = HARNESS.parent / "build/linux/scripts/kernel-doc"


class Steps(Toy):
    def setUp(self):
        super().setUp()
        self.start()
        # The scripts start others by their names here.
        for name in ("tree", "lint"):
            self.write(f"harness/{name}", f'#!/bin/sh\nexec "{HARNESS / name}" "$@"\n', 0o755)
        self.write("harness/packages", "#!/bin/sh\n", 0o755)
        self.write("harness/boards", "# boards\ntoy  none  arm  -  toy_defconfig  -\n")
        self.write("harness/machines", "# none\n")
        files = {"Makefile": MAKEFILE, "drivers/net/old.c": "int old;\n", "drivers/net/warns.c": UNUSED,
                 "Documentation/core-api/guide.rst": "Guide\n\nBAD of old\n"}
        if KERNEL_DOC.exists():
            files["scripts/kernel-doc"] = KERNEL_DOC.read_text(), 0o755
        self.commit("base: what builds it", files)
        self.git("tag", "-f", "base")

    def put(self, *commits):
        for number, files in enumerate(commits, 1):
            self.commit(f"net: step {number}", files)
        self.harness("refresh")


class Bisect(Steps):
    def test_clean(self):
        self.put({"drivers/net/new.c": "int new;\n"}, {"drivers/net/warns.c": "int more;\n\n" + UNUSED})
        self.assertIn("toy: 2 steps build, no new warning", self.harness("bisect", "toy"))

    def test_new_warning(self):
        self.put({"drivers/net/new.c": UNUSED})
        for option in ((), ("--compile",)):
            with self.subTest(option):
                done = self.harness("bisect", *option, "toy", check=False)
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn("'net: step 1' brings warnings: drivers/net/new.c: warning:", done.stderr)

    def test_step_that_does_not_build(self):
        """The step after it mends what it broke."""
        self.put({"drivers/net/new.c": "int new\n"}, {"drivers/net/new.c": "int new;\n"})
        for option in ((), ("--compile",)):
            with self.subTest(option):
                self.refused("bisect", "toy: 'net: step 1' does not build", args=(*option, "toy"))

    def test_compile(self):
        self.put({"drivers/net/new.c": "int new;\n"}, {"drivers/net/new.c": "int newer;\n"})
        self.assertIn("toy: 2 steps compile, no new warning (drivers/net/", self.harness("bisect", "--compile", "toy"))

    def test_compile_what_is_built(self):
        """Of a driver that the board has not, no step is built; what another file includes is."""
        self.put({"drivers/net/old.c": "int olds;\n", "drivers/net/Makefile": "obj-y += old.o other.o\n"},
                 {"drivers/net/other.c": "int other\n"}, {"drivers/net/part.c": "int part;\n"})
        said = self.harness("bisect", "--compile", "toy")
        self.assertNotIn("step 2", said)
        self.assertIn("toy: 2 steps compile, no new warning (drivers/net/", said)

    def test_header_that_breaks_a_driver(self):
        self.put({"drivers/net/old.c": "#include <linux/dma.h>\nint (*old)(void) = dma;\n"},
                 {"include/linux/dma.h": "int dmas(void);\n"}, {"drivers/net/old.c": "int old, older;\n"})
        self.refused("bisect", "toy: 'net: step 2' does not build", args=("--compile", "toy"))

    def test_unknown_board(self):
        self.refused("bisect", "no machine or board other", args=("other",))

    @unittest.skipUnless(shutil.which("sparse"), "sparse is not installed: harness/packages sparse")
    def test_sparse(self):
        self.put({"drivers/net/old.c": "extern int old;\nint old;\n", "drivers/net/new.c": "extern int *new;\nint *new = 0;\n"})
        done = self.harness("bisect", "--sparse", "toy", check=False)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("brings warnings: drivers/net/new.c: warning: Using plain integer as NULL pointer", done.stderr)
        self.put({"drivers/net/new.c": "extern int *new;\nint *new;\n"})
        self.assertIn("sparse says nothing new", self.harness("bisect", "--sparse", "toy"))


class Words(Steps):
    def test_documents(self):
        self.put({"Documentation/core-api/guide.rst": "Guide\n\nMore\n\nBAD of old\n"})
        self.assertIn("no new warning in core-api", self.harness("docs"))
        self.put({"Documentation/core-api/new.rst": "New\n\nBAD\n"})
        done = self.harness("docs", check=False)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("Documentation/core-api/new.rst: WARNING: bad", done.stdout)

    @unittest.skipUnless(KERNEL_DOC.exists(), "there is no build/linux: make tree")
    def test_kernel_doc(self):
        self.put({"drivers/net/new.c": UNDOCUMENTED.replace(" */", " * @y: and this\n *\n * Return: both.\n */")})
        self.assertIn("1 passed, 0 failed", self.harness("check", "kernel-doc"))
        self.put({"drivers/net/new.c": UNDOCUMENTED})
        done = self.harness("check", "kernel-doc", check=False)
        self.assertIn("FAIL kernel-doc", done.stdout)
        self.assertIn("'y' not described", (self.top / "build/check/kernel-doc.log").read_text())


if __name__ == "__main__":
    unittest.main()
