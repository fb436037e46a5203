"""What Coccinelle says of the series and did not say of the base."""

import shutil
import unittest

from toy import Toy

RULE = """// The kernel's rules have modes.
// Options: --no-includes

virtual report

@r depends on report@
expression x;
position p;
@@
old_way(x)@p

@script:python depends on report@
p << r.p;
@@
coccilib.report.print_report(p[0], "old way")
"""


@unittest.skipUnless(shutil.which("spatch"), "spatch is not installed: harness/packages coccinelle")
class Coccinelle(Toy):
    def setUp(self):
        super().setUp()
        self.start()
        self.commit("base: rules", {"scripts/coccinelle/api/way.cocci": RULE,
                                    "drivers/net/old.c": "void f(void)\n{\n\told_way(1);\n}\n"})
        self.git("tag", "-f", "base")

    def test_old_fault_and_moved(self):
        self.commit("net: more lines", {"drivers/net/old.c": "int more;\n\nvoid f(void)\n{\n\told_way(1);\n}\n"})
        self.harness("refresh")
        said = self.harness("coccinelle")
        self.assertIn("1 rules, 1 files before and 1 after", said)
        self.assertIn("nothing new (1 reports before, 1 after)", said)

    def test_new_fault(self):
        self.commit("net: new file", {"drivers/net/new.c": "void g(void)\n{\n\told_way(2);\n}\n"})
        self.harness("refresh")
        self.assertIn("way.cocci: ./drivers/net/new.c: old way", self.refused("coccinelle", "the series brings"))

    def test_rule_that_does_not_run(self):
        self.commit("net: bad rule", {"scripts/coccinelle/api/way.cocci": RULE.replace("old_way(x)@p", "old_way(x"),
                                      "drivers/net/new.c": "int new;\n"})
        self.harness("refresh")
        self.refused("coccinelle", "way.cocci does not run")


if __name__ == "__main__":
    unittest.main()
