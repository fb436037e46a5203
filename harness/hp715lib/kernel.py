"""Kernel, modules, guest and initramfs, below build/hp715/TREE."""

import os
import re
import subprocess

from patchqueue.common import BUILD, HARNESS, LINUX, Fail, git, say

PREFIX = "hppa-linux-gnu-"
GUEST = "tools/testing/selftests/dma"
FRAGMENTS = ("config", "hp715.config")
OUT = BUILD / "hp715"
# The series once more, with drivers that take this machine for one without coherent memory:
# more of its configuration and of its command line. QEMU has no caches that could go wrong, but
# the allocation, the syncs and what dma-debug thinks of them are those of such a machine.
NONCOHERENT = "noncoherent"
MORE_CONFIG = {NONCOHERENT: "CONFIG_KUNIT=y\nCONFIG_SCSI_53C700_NONCOHERENT=y\n"}
MORE_WORDS = {NONCOHERENT: ["53c700.noncoherent=1"]}
# Where a driver's probe function is, by the module that has it
PROBES = {"bind-disk": ("lasi700", "lasi700_probe"), "bind-net": ("lasi_82596", "lan_init_chip")}


def environment():
    return {**os.environ, "CCACHE_DIR": os.environ.get("CCACHE_DIR", str(BUILD / "ccache")),
            "CCACHE_BASEDIR": str(BUILD.parent), "CCACHE_NOHASHDIR": "1",
            "KBUILD_BUILD_USER": "hp715", "KBUILD_BUILD_HOST": "hp715"}


def run(log, *command):
    with open(log, "a", encoding="utf-8") as file:
        if subprocess.run([str(word) for word in command], stdout=file, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, env=environment(), check=False).returncode:
            raise Fail(f"{command[0]} failed: see {log.relative_to(BUILD.parent)}")


def source(name):
    """The kernel's source: build/linux, or a work tree of its own at a tag."""
    if name in ("series", NONCOHERENT):
        return LINUX
    tree = OUT / f"{name}-linux"
    git("worktree", "prune")
    if not (tree / ".git").exists():
        git("worktree", "add", "-q", "--detach", tree, name)
    git("reset", "-q", "--hard", cwd=tree)
    git("checkout", "-q", "--detach", name, cwd=tree)
    return tree


def configure(make, log, out):
    """A configuration with every line of the fragments, or none."""
    wanted = "".join((LINUX / GUEST / name).read_text() for name in FRAGMENTS) + MORE_CONFIG.get(out.name, "")
    config, stamp = out / ".config", out / "hp715.config"
    if config.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    stamp.write_text(wanted)
    run(log, *make, f"KCONFIG_ALLCONFIG={stamp}", "allnoconfig")
    lines = set(config.read_text().splitlines())
    lost = [line for line in wanted.splitlines() if re.match(r"(# )?CONFIG_", line) and line not in lines]
    if lost:
        stamp.unlink()
        raise Fail(f"the kernel does not get {', '.join(lost)}: see {GUEST}")


def build_kernel(name):
    tree, out = source(name), OUT / name
    out.mkdir(parents=True, exist_ok=True)
    log = out / "build.log"
    log.write_text("")
    make = ["make", "-s", "-C", tree, f"O={out}", "ARCH=parisc", f"CROSS_COMPILE={PREFIX}",
            f"CC=ccache {PREFIX}gcc", f"-j{os.cpu_count()}"]
    configure(make, log, out)
    run(log, *make, "vmlinux", "modules")
    return out


def build_guest():
    out = OUT / "guest"
    out.mkdir(parents=True, exist_ok=True)
    log = out / "build.log"
    log.write_text("")
    run(log, "make", "-s", "-C", LINUX / GUEST, f"OUTPUT={out}", f"CROSS_COMPILE={PREFIX}", f"CC={PREFIX}gcc")
    return out / "guest"


def pack(out, guest):
    """The initramfs: the guest as init, the modules, a console."""
    lines = ["dir /dev 755 0 0", "nod /dev/console 600 0 0 c 5 1", "dir /modules 755 0 0",
             f"file /init {guest} 755 0 0"]
    lines += [f"file /modules/{path.name} {path} 644 0 0" for path in sorted(out.rglob("*.ko"))]
    plan, image = out / "initramfs.list", out / "initramfs.cpio"
    plan.write_text("\n".join(lines) + "\n")
    with open(image, "wb") as file:
        subprocess.run([out / "usr/gen_init_cpio", plan], stdout=file, check=True)
    return image


def build(name):
    """The kernel and initramfs of a tree."""
    subprocess.run([HARNESS / "packages", "kernel", "parisc"], check=True)
    say(f"building kernel and modules of {name}, and the guest")
    build_kernel(name)
    build_guest()
    return built(name)


def built(name):
    """The same, as it was built before."""
    out, guest = OUT / name, OUT / "guest/guest"
    if not (out / "vmlinux").exists() or not guest.exists():
        raise Fail(f"nothing was built for {name} yet")
    return out / "vmlinux", pack(out, guest)


def symbols(path):
    """Of an object file: section and name of each symbol."""
    table = subprocess.run([f"{PREFIX}objdump", "-t", path], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {match.groups() for match in re.finditer(r"(\S+)\t\S+ (\S+)$", table, re.M)}


def unbindable(name):
    """Tests that would leave the kernel with a device without its driver, or call what was freed."""
    out, gone = OUT / name, {}
    if (".exit.text", "parisc_driver_remove") in symbols(out / "arch/parisc/kernel/drivers.o"):
        reason = "the parisc bus has no remove(): parisc_driver_remove() is __exit, so no driver is told"
        return dict.fromkeys(("module-disk", "module-net", *PROBES), reason)
    for test, (module, probe) in PROBES.items():
        if (".init.text", probe) in symbols(next(out.rglob(f"{module}.ko"))):
            gone[test] = f"{probe}() of {module} is __init: sysfs would call what was freed"
    return gone
