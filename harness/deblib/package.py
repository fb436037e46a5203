"""The packages: Debian's configuration, no more of it than the guest needs, upstream's bindeb-pkg."""

import os
import pathlib
import subprocess

from patchqueue.common import BUILD, HARNESS, LINUX, Fail, lock, scratch, source, write_file

OUT = BUILD / "deb"
HERE = pathlib.Path(__file__).resolve().parent
# As Debian's own rules put the configuration of this flavour together
PARTS = ("config", "kernelarch-x86/config", "amd64/config", "config.cloud", "amd64/config.cloud-amd64")
LOCALVERSION = "-dma-alloc"


def run(log, *command, stdin=subprocess.DEVNULL, **options):
    """A command with its words in a log."""
    with open(log, "a", encoding="utf-8") as file:
        done = subprocess.run([str(word) for word in command], stdout=file, stderr=subprocess.STDOUT, stdin=stdin,
                              check=False, **options)
    if done.returncode:
        raise Fail(f"{command[0]} failed: see {log.relative_to(BUILD.parent)}")


def debian_config(folder):
    """Debian's configuration with ours on top of it, by Debian's own tool."""
    done = subprocess.run([HARNESS / "fetch", "debian"], stdout=subprocess.PIPE, check=False, text=True)
    if done.returncode:
        raise SystemExit(1)     # fetch said why
    tarball = done.stdout.rstrip("\n").partition("  ")[2]
    subprocess.run(["tar", "-xf", tarball, "-C", folder, "--no-same-owner", "debian/config", "debian/bin", "debian/lib"],
                   check=True)
    parts = [folder / "debian/config" / part for part in PARTS] + [HERE / "config"]
    merged = folder / "merged"
    subprocess.run(["python3", folder / "debian/bin/kconfig.py", merged, *parts], check=True,
                   env={**os.environ, "PYTHONPATH": str(folder / "debian/lib/python"), "PYTHONDONTWRITEBYTECODE": "1"})
    return merged.read_bytes()


def make(log, *words, **options):
    environment = {**os.environ, "CCACHE_DIR": os.environ.get("CCACHE_DIR", str(BUILD / "ccache")),
                   "CCACHE_BASEDIR": str(BUILD.parent), "CCACHE_NOHASHDIR": "1",
                   "KBUILD_BUILD_USER": "deb", "KBUILD_BUILD_HOST": "deb", "LC_ALL": "C.UTF-8"}
    run(log, "make", "-C", LINUX, f"O={OUT / 'linux'}", f"-j{os.cpu_count()}", "CC=ccache gcc",
        f"LOCALVERSION={LOCALVERSION}", *words, env=environment, **options)


def lost(config):
    """What of our fragment the kernel did not take."""
    have = set(config.read_text().splitlines())
    wanted = [line for line in (HERE / "config").read_text().splitlines() if "CONFIG_" in line]
    return [line for line in wanted if line not in have]


def configure(log):
    """The options of the modules in deblib/modules, and all that is built in."""
    out = OUT / "linux"
    out.mkdir(parents=True, exist_ok=True)
    with lock(), scratch("deb") as folder:
        wanted = debian_config(folder) + (HERE / "modules").read_bytes()
    stamp, config = out / "wanted", out / ".config"
    if config.exists() and stamp.exists() and stamp.read_bytes() == wanted:
        return
    write_file(config, wanted.partition(b"Module  ")[0])
    make(log, "olddefconfig")
    with open(log, "a", encoding="utf-8") as file:      # Enter, for whatever it asks
        file.write("localmodconfig\n")
    with subprocess.Popen(["yes", ""], stdout=subprocess.PIPE) as enter:
        make(log, f"LSMOD={HERE / 'modules'}", "localmodconfig", stdin=enter.stdout)
        enter.terminate()
    if lines := lost(config):
        raise Fail(f"the kernel does not get {', '.join(lines)}: see harness/deblib/config")
    write_file(stamp, wanted)


def build(log):
    """The packages; the one with the kernel."""
    for old in OUT.glob("*.deb"):
        old.unlink()
    version = f"{source()['RELEASE']}-1"
    make(log, "bindeb-pkg", f"KDEB_PKGVERSION={version}", "DPKG_FLAGS=-d", "KBUILD_PKG_ROOTCMD=")
    packages = sorted(OUT.glob("*.deb"))
    images = [path for path in packages if path.name.startswith("linux-image-") and "-dbg_" not in path.name]
    if len(images) != 1:
        raise Fail(f"bindeb-pkg left {len(images)} packages with a kernel in {OUT.relative_to(BUILD.parent)}")
    return images[0], packages
