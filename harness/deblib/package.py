"""The packages: the kernel of Debian's clouds, with the modules that the guest needs, by upstream's bindeb-pkg."""

from patchqueue.common import BUILD, Fail, source

from .kernel import HERE, Kernel

OUT = BUILD / "deb"
# As Debian's own rules put the configuration of this flavour together
PARTS = ("config", "kernelarch-x86/config", "amd64/config", "config.cloud", "amd64/config.cloud-amd64")


def build():
    """The packages; the one with the kernel."""
    kernel = Kernel(OUT / "linux", PARTS, ("config", "config.guest"))
    kernel.configure(lambda _: (HERE / "modules").read_text().split())
    for old in OUT.glob("*.deb"):
        old.unlink()
    version = f"{source()['RELEASE']}-1"
    kernel.make("bindeb-pkg", f"KDEB_PKGVERSION={version}", "DPKG_FLAGS=-d", "KBUILD_PKG_ROOTCMD=")
    packages = sorted(OUT.glob("*.deb"))
    images = [path for path in packages if path.name.startswith("linux-image-") and "-dbg_" not in path.name]
    if len(images) != 1:
        raise Fail(f"bindeb-pkg left {len(images)} packages with a kernel in {OUT.relative_to(BUILD.parent)}")
    return images[0], packages
