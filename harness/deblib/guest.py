"""The guest: a Debian root with the package installed, its disks, and what it says on the serial line."""

import hashlib
import os
import pathlib
import random
import subprocess

from patchqueue.common import BUILD, Fail

from .kernel import run
from .package import OUT

HERE = pathlib.Path(__file__).resolve().parent
SUITE = "bookworm"
PACKAGES = "systemd-sysv,udev,initramfs-tools,kmod,login,passwd"
SIZE = 64 << 20         # of each disk that is put to work, in bytes
TIMEOUT = 900           # seconds from QEMU's start to the login prompt
# Each with what QEMU and the kernel are told more. Behind an IOMMU virtio uses the addresses of the bus.
BUSES = {
    "direct": ([], "", ""),
    "intel-iommu": (["-device", "intel-iommu"], ",iommu_platform=on,disable-legacy=on", "intel_iommu=on"),
    "amd-iommu": (["-device", "amd-iommu"], ",iommu_platform=on,disable-legacy=on", ""),
}


def as_root(*command):
    return [*([] if os.geteuid() == 0 else ["sudo"]), *command]


def archives():
    """The machine's own mirrors, as harness/lib.sh finds them."""
    script = f'me=deb; . "{HERE.parent / "lib.sh"}"; mirror_of debian'
    return subprocess.run(["sh", "-c", script], check=True, stdout=subprocess.PIPE, text=True).stdout.split()


def make_root(log, package):
    """The file system with all of it, and what its /boot has."""
    root, image = OUT / "root", OUT / "root.img"
    hooks = [f"copy-in {HERE / 'dma-work'} /usr/local/sbin", f"copy-in {HERE / 'dma-work.service'} /etc/systemd/system",
             "chmod 755 $1/usr/local/sbin/dma-work", "chroot $1 systemctl enable dma-work systemd-networkd",
             "printf '[Match]\\nDriver=e1000\\n[Network]\\nDHCP=ipv4\\n' >$1/etc/systemd/network/e1000.network",
             "echo dma >$1/etc/hostname", f"copy-in {package} /tmp", f"chroot $1 dpkg -i /tmp/{package.name}",
             f"rm $1/tmp/{package.name}"]
    for archive in archives():
        run(log, *as_root("rm", "-rf", root, image))
        try:
            run(log, *as_root("mmdebstrap", "--variant=minbase", f"--include={PACKAGES}",
                              *(f"--customize-hook={hook}" for hook in hooks), SUITE, root, archive))
        except Fail as error:
            failed = error
            continue
        run(log, *as_root("mke2fs", "-q", "-t", "ext4", "-d", root, image, "1500M"))
        run(log, *as_root("chmod", "644", image))
        return root / "boot", image
    raise failed if archives() else Fail("apt's sources name no Debian mirror")


def pattern():
    return random.Random(715).randbytes(SIZE)


class Guest:
    """One boot."""

    def __init__(self, bus, boot, image):
        self.folder = OUT / bus
        self.folder.mkdir(parents=True, exist_ok=True)
        self.bus, self.image = bus, image
        self.kernel, self.initrd = sorted(boot.glob("vmlinuz-*"))[-1], sorted(boot.glob("initrd.img-*"))[-1]
        self.log = self.folder / "log"

    def command(self):
        more, virtio, words = BUSES[self.bus]
        data, nvme, upload = (self.folder / name for name in ("data.img", "nvme.img", "upload"))
        forward = ",".join((f"guestfwd=tcp:10.0.2.100:80-cmd:cat {data}", f"guestfwd=tcp:10.0.2.100:81-cmd:dd of={upload}",
                            "guestfwd=tcp:10.0.2.100:82-cmd:true"))
        return ["-M", "q35", "-m", "1024", "-smp", "2", "-nographic", "-monitor", "none", "-nodefaults", "-serial", "stdio",
                "-no-reboot", *more, "-kernel", str(self.kernel), "-initrd", str(self.initrd),
                "-append", f"root=/dev/vda console=ttyS0 panic=-1 no_timer_check {words}",
                "-drive", f"if=none,id=root,file={self.image},format=raw,snapshot=on",
                "-device", f"virtio-blk-pci,drive=root{virtio}",
                "-drive", f"if=none,id=data,file={data},format=raw,readonly=on",
                "-device", f"virtio-blk-pci,drive=data,serial=data{virtio}",
                "-drive", f"if=none,id=nvme,file={nvme},format=raw", "-device", "nvme,drive=nvme,serial=nvme",
                "-netdev", f"user,id=net,restrict=on,{forward}", "-device", "e1000,netdev=net"]

    def boot(self):
        """The words of the guest and its log; it has come to its login prompt, or this fails."""
        import pexpect      # Debian's; what else is here does without  # pylint: disable=import-outside-toplevel
        (self.folder / "data.img").write_bytes(pattern())
        (self.folder / "upload").unlink(missing_ok=True)
        with open(self.folder / "nvme.img", "wb") as file:
            file.truncate(SIZE)
        with open(self.log, "w", encoding="utf-8") as log:
            guest = pexpect.spawn("qemu-system-x86_64", self.command(), timeout=TIMEOUT, encoding="utf-8",
                                  codec_errors="replace", logfile=log)
            ends = {"login: ": None, "Kernel panic": "panics", pexpect.EOF: "ends", pexpect.TIMEOUT: "says nothing more"}
            end = list(ends.values())[guest.expect(list(ends))]
            guest.close(force=True)
        if end:
            raise Fail(f"{self.bus}: the guest {end} before its login prompt: {self.log.relative_to(BUILD.parent)}")
        lines = self.log.read_text(errors="replace").splitlines()
        words = (line.partition("dma-work: ")[2].split() for line in lines if "dma-work: " in line)
        return {word[0]: word[1:] for word in words if word}, lines

    def wrong(self, words, release):
        """What did not arrive as it was sent."""
        want = hashlib.sha256(pattern()).hexdigest()
        found = [name for name in ("virtio", "nvme", "cached", "e1000") if words.get(name) != [want]]
        for name in ("nvme.img", "upload"):
            path = self.folder / name
            if not path.exists() or path.read_bytes() != pattern():
                found.append(name)
        if words.get("done") != [release]:
            found.append(f"the end with kernel {release}")
        return found
