"""Which modules harness/distribution wants, and when it misses one."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from deblib import kernel, modules                                      # noqa: E402

FILES = {
    ".config": "CONFIG_NET=y\nCONFIG_CARD=m\nCONFIG_PHY=m\nCONFIG_IN=y\n# CONFIG_OFF is not set\n",
    "drivers/net/Makefile": "obj-$(CONFIG_CARD) += big-card.o \\\n\tsmall.o # and no other.o\nobj-y += phy/\n"
                            "obj-$(CONFIG_OFF) += off/ off.o\nobj-$(CONFIG_IN) += in.o\nbig-card-objs := part.o\n",
    "drivers/net/phy/Kbuild": "obj-$(CONFIG_PHY) := phy.o\n",
    "drivers/net/off/Makefile": "obj-$(CONFIG_PHY) += unseen.o\n",
}


class Modules(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name, text in FILES.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text)

    def below(self):
        return modules.below(self.folder, ("drivers/net", "drivers/none"), self.folder / ".config")

    def test_below(self):
        self.assertEqual(sorted(self.below()), [("big-card", "drivers/net"), ("phy", "drivers/net/phy"), ("small", "drivers/net")])
        self.assertEqual(modules.count(self.below()), {"drivers/net": 3})

    def test_built(self):
        for name in ("small.o", "small.ko", "big-card.o"):
            (self.folder / "drivers/net" / name).touch()
        self.assertEqual([module for module, where in self.below() if not modules.built(self.folder, module, where)], ["big-card"])

    def test_lost(self):
        fragment = "# why\nCONFIG_CARD=m\nCONFIG_IN=m\n# CONFIG_OFF is not set\n"
        self.assertEqual(kernel.lost(self.folder / ".config", fragment), ["CONFIG_IN=m"])


if __name__ == "__main__":
    unittest.main()
