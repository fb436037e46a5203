"""A kernel of the series in Debian's configuration, without the modules that nobody wants of it."""

import os
import pathlib
import subprocess

from patchqueue.common import BUILD, HARNESS, LINUX, Fail, lock, scratch, write_file

HERE = pathlib.Path(__file__).resolve().parent


def run(log, *command, stdin=subprocess.DEVNULL, **options):
    """A command with its words in a log."""
    with open(log, "a", encoding="utf-8") as file:
        done = subprocess.run([str(word) for word in command], stdout=file, stderr=subprocess.STDOUT, stdin=stdin,
                              check=False, **options)
    if done.returncode:
        raise Fail(f"{command[0]} failed: see {log.relative_to(BUILD.parent)}")


def lost(config, wanted):
    """What of a fragment the kernel did not take."""
    have = set(config.read_text().splitlines())
    return [line for line in wanted.splitlines() if "CONFIG_" in line and line not in have]


def merged_config(parts, fragments):
    """Debian's configuration of these parts with ours on top of it, by Debian's own tool."""
    done = subprocess.run([HARNESS / "fetch", "debian"], stdout=subprocess.PIPE, check=False, text=True)
    if done.returncode:
        raise SystemExit(1)     # fetch said why
    tarball = done.stdout.rstrip("\n").partition("  ")[2]
    with scratch("deb") as folder:
        subprocess.run(["tar", "-xf", tarball, "-C", folder, "--no-same-owner", "debian/config", "debian/bin", "debian/lib"],
                       check=True)
        files = [folder / "debian/config" / part for part in parts] + fragments
        merged = folder / "merged"
        subprocess.run(["python3", folder / "debian/bin/kconfig.py", merged, *files], check=True,
                       env={**os.environ, "PYTHONPATH": str(folder / "debian/lib/python"), "PYTHONDONTWRITEBYTECODE": "1"})
        return merged.read_bytes()


class Kernel:
    """Where it is built, for what, and from which parts of Debian's configuration and fragments of ours."""

    def __init__(self, out, parts, fragments, arch="x86_64", prefix="", version="-dma-alloc"):
        self.out, self.parts, self.fragments = out, parts, [HERE / name for name in fragments]
        self.arch, self.prefix, self.version = arch, prefix, version
        self.config, self.log = out / ".config", out.parent / "log"

    def make(self, *words, **options):
        environment = {**os.environ, "CCACHE_DIR": os.environ.get("CCACHE_DIR", str(BUILD / "ccache")),
                       "CCACHE_BASEDIR": str(BUILD.parent), "CCACHE_NOHASHDIR": "1",
                       "KBUILD_BUILD_USER": "deb", "KBUILD_BUILD_HOST": "deb", "LC_ALL": "C.UTF-8"}
        run(self.log, "make", "-C", LINUX, f"O={self.out}", f"-j{os.cpu_count()}", f"ARCH={self.arch}",
            f"CROSS_COMPILE={self.prefix}", f"CC=ccache {self.prefix}gcc", f"LOCALVERSION={self.version}", *words,
            env=environment, **options)

    def configure(self, modules):
        """All that is built in, and the modules that a function names for a configuration."""
        self.out.mkdir(parents=True, exist_ok=True)
        with lock():
            merged = merged_config(self.parts, self.fragments)
        write_file(self.out / "wanted", merged)
        write_file(self.config, merged)
        self.make("olddefconfig")
        listed = self.out / "lsmod"
        write_file(listed, "".join(f"{name} 1 0\n" for name in ("Module", *modules(self.config))).encode())
        with subprocess.Popen(["yes", ""], stdout=subprocess.PIPE) as enter:    # for whatever it asks
            self.make(f"LSMOD={listed}", "localmodconfig", stdin=enter.stdout)
            enter.terminate()
        for fragment in self.fragments:
            if lines := lost(self.config, fragment.read_text()):
                raise Fail(f"the kernel does not get {', '.join(lines)}: see harness/deblib/{fragment.name}")
