"""packages and qemu-testing, with stand-ins for what they would install and run."""

import os
import shutil
import unittest

from toy import ENV, Toy

NEEDED = "sh bash cat tr sort mkdir grep dirname env id sed awk head rm mv chmod flock readlink ls".split()
QEMU = "#!/bin/sh\necho QEMU emulator version {}\n"
# Unpacks a root with a program that runs through its own loader, here a shell script.
MMDEBSTRAP = """#!/bin/sh
for word; do case $word in */root) root=$word ;; esac; done
echo "$@" >>"$FAKE/asked"
mkdir -p "$root/usr/bin" "$root/usr/lib/x-linux-gnu" "$root/usr/share/qemu"
printf '#!/bin/sh\\nshift 2; exec sh "$@"\\n' >"$root/usr/lib/x-linux-gnu/ld-linux.so.1"
chmod +x "$root/usr/lib/x-linux-gnu/ld-linux.so.1"
echo 'echo QEMU emulator version '$VERSION >"$root/usr/bin/qemu-system-hppa"
echo >"$root/usr/share/qemu/hppa-firmware.img"
"""


class Tools(Toy):
    def setUp(self):
        super().setUp()
        self.fake = self.folder / "fake"
        (self.fake / "bin").mkdir(parents=True)
        for name in NEEDED:
            (self.fake / "bin" / name).symlink_to(shutil.which(name))
        self.env = {"PATH": str(self.fake / "bin"), "FAKE": str(self.fake), "VERSION": "11.1.2",
                    "QUEUE_ETC": str(self.fake)}
        (self.fake / "apt").mkdir()
        (self.fake / "apt/sources.list").write_text("deb http://mirror.example/debian x main\n")
        self.program("id", "#!/bin/sh\necho 0\n")
        self.program("dpkg-query", "#!/bin/sh\n[ -f \"$FAKE/have/$4\" ] && echo installed\n")
        self.program("apt-get", "#!/bin/sh\necho \"$@\" >>\"$FAKE/asked\"\n")
        (self.fake / "have").mkdir()

    def program(self, name, text):
        path = self.fake / "bin" / name
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def asked(self):
        path = self.fake / "asked"
        return path.read_text().splitlines() if path.exists() else []

    def have(self, *names):
        for name in names:
            (self.fake / "have" / name).touch()

    def test_nothing_missing(self):
        self.have("python3", "xz-utils", "ca-certificates")
        self.harness("packages", "tree", **self.env)
        self.assertEqual(self.asked(), [])

    def test_only_the_missing_ones(self):
        self.have("python3", "ca-certificates")
        self.harness("packages", "tree", **self.env)
        self.harness("packages", "tree", **self.env)
        asked = self.asked()
        self.assertEqual(len(asked), 3)     # one update a boot
        self.assertIn("update", asked[0])
        self.assertTrue(asked[1].endswith("--no-install-recommends xz-utils"), asked)

    def test_neither_root_nor_sudo(self):
        self.program("id", "#!/bin/sh\necho 1000\n")
        self.have("python3")
        self.refused("packages", "xz-utils", "sudo", args=("tree",), **self.env)

    def test_sudo(self):
        self.program("id", "#!/bin/sh\necho 1000\n")
        self.program("sudo", "#!/bin/sh\necho sudo >>\"$FAKE/asked\"\nexec \"$@\"\n")
        self.harness("packages", "tree", **self.env)
        self.assertEqual(self.asked()[0::2], ["sudo", "sudo"])

    def test_install_fails(self):
        self.program("apt-get", "#!/bin/sh\necho 'E: no such package'\nexit 100\n")
        self.refused("packages", "build/apt.log", args=("tree",), **self.env)

    def test_unknown_purpose(self):
        self.refused("packages", "nonsense", args=("nonsense",), **self.env)

    def test_own_qemu_is_new_enough(self):
        self.program("qemu-system-hppa", QEMU.format("10.2.0"))
        command = self.harness("qemu-testing", **self.env)
        self.assertEqual(command, str(self.fake / "bin/qemu-system-hppa"))

    def test_own_qemu_is_old(self):
        self.have("mmdebstrap")
        self.program("mmdebstrap", MMDEBSTRAP)
        self.program("qemu-system-hppa", QEMU.format("9.2.10"))
        command = self.harness("qemu-testing", **self.env)
        self.assertEqual(command, str(self.top / "build/qemu/run"))
        self.assertIn("11.1.2", self.sh(command, "--version", **self.env))
        self.harness("qemu-testing", **self.env)
        unpacked = [line for line in self.asked() if "forky" in line]
        self.assertEqual(len(unpacked), 1)
        self.assertIn("http://mirror.example/debian forky main", unpacked[0])
        self.assertEqual(os.listdir(self.top / "build/tmp"), [])

    def test_testing_has_no_newer_qemu(self):
        self.have("mmdebstrap")
        self.program("mmdebstrap", MMDEBSTRAP)
        self.refused("qemu-testing", "10.2", **{**self.env, "VERSION": "10.1"})
        self.assertFalse(self.path("build/qemu").exists())

    def test_help_names_every_verb(self):
        done = self.sh("make", "-s", "-C", os.path.dirname(os.path.dirname(os.path.dirname(__file__))), "help", **{
            "PATH": ENV["PATH"]})
        for verb in ("tree", "refresh", "series", "lint", "help"):
            self.assertRegex(done, rf"(?m)^{verb} ")


if __name__ == "__main__":
    unittest.main()
