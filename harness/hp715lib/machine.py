"""The machine: QEMU's command line, its monitor, and the lines that the guest prints."""

import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys

from patchqueue.common import HARNESS, LINUX, Fail

from . import disks

sys.path.insert(0, str(LINUX / "tools/testing/kunit"))
from qemu_run import ARGS, End, QemuRun                                 # noqa: E402

TIMEOUT, SILENCE = 2400, 60     # seconds; the guest says every 10 s that a test still runs
CARD = "card"
DISK = "disk"
# Commands a second: fewer than the guest can send on a slow host, so that the disk has several of
# them at a time on any. What the guest takes for slow goes by this: disk_write.c, SLOW_S.
SLOW = 50
# QEMU hands data to its 53c710 in pieces of 128 KiB. As of 11.1.2 a move that goes on with the
# second one writes to the address it began with: no command is let have two.
MAX_KB = 128
# Its 53c710 also answers GOOD to SYNCHRONIZE CACHE before the flush is done. That comes to its
# end later, during the command that follows, and ends it: a READ is GOOD without its data. A
# disk with a write-through cache is never asked to synchronize it; no-flush keeps that quick.
WRITE_THROUGH = "cache.writeback=off,cache.no-flush=on"


def qemu():
    """The command of a QEMU that has the machine, and its version."""
    done = subprocess.run([HARNESS / "qemu-testing"], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Fail("there is no QEMU with the HP 715: see above")
    command = done.stdout.strip()
    said = subprocess.run([command, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return command, re.search(r"version (\S+)", said).group(1)


def drive(folder, number, name, *more):
    return ["-drive", ",".join(("if=scsi", f"index={number}", *more)) % (folder / f"{name}.img")]


def command_line(command, folder, kernel, initramfs, parameters, server):
    """A disk, a CD-ROM and a disk with a bad sector; a card on a hub with the user network and a wire of ours."""
    args = [command, *ARGS, "-M", "715", "-m", "128", "-kernel", kernel, "-initrd", initramfs,
            "-append", " ".join(parameters), "-qmp", "unix:qmp,server=on,wait=off"]
    args += drive(folder, 0, "disk", "format=raw", f"id={DISK}", WRITE_THROUGH, "file=%s")
    args += drive(folder, 1, "bad", WRITE_THROUGH, "driver=blkdebug", "image.driver=file", "image.filename=%s",
                  "inject-error.0.event=none", "inject-error.0.iotype=read", "inject-error.0.errno=5",
                  f"inject-error.0.sector={disks.BAD_SECTOR}")
    args += drive(folder, 2, "cd", "media=cdrom", "readonly=on", "format=raw", "file=%s")
    args += ["-netdev", "user,id=user,restrict=off", "-netdev", "hubport,id=port1,hubid=0,netdev=user",
             "-netdev", f"dgram,id=wire,local.type=unix,local.path={server.theirs},"
                        f"remote.type=unix,remote.path={server.ours}",
             "-netdev", "hubport,id=port2,hubid=0,netdev=wire",
             "-nic", f"hubport,id={CARD},hubid=0,model=lasi_82596"]
    return [str(arg) for arg in args]


class Monitor:
    """QEMU's monitor; connected when it is first needed."""

    def __init__(self, path):
        self.path, self.file = path, None

    def command(self, execute, **arguments):
        if self.file is None:
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.socket.settimeout(20)
            self.socket.connect(str(self.path))
            self.file = self.socket.makefile("rw")
            self.file.readline()
            self.command("qmp_capabilities")
        self.file.write(json.dumps({"execute": execute, "arguments": arguments}) + "\n")
        self.file.flush()
        while True:
            answer = json.loads(self.file.readline())
            if "error" in answer:
                raise Fail(f"QEMU's monitor: {answer['error'].get('desc')}")
            if "return" in answer:
                return answer["return"]


class Machine:
    """One run. What the guest asks for in a line "# host: ..." is done at once."""

    def __init__(self, command, log, provoke=None):
        self.command, self.log, self.provoke = command, pathlib.Path(log), provoke
        self.monitor = Monitor("qmp")
        self.done = False       # the guest was through with its tests
        self.end = None

    def host(self, request):
        if request in ("link on", "link off"):
            if self.provoke != "link":
                self.monitor.command("set_link", name=CARD, up=request == "link on")
        elif request in ("disk slow", "disk fast"):
            self.monitor.command("block_set_io_throttle", device=DISK, bps=0, bps_rd=0, bps_wr=0,
                                 iops=SLOW if request == "disk slow" else 0, iops_rd=0, iops_wr=0)
        elif request == "done":
            self.done = True

    def lines(self):
        """The lines as they come; they are in the log, too."""
        with open(self.log, "w", encoding="utf-8") as log, QemuRun(self.command, TIMEOUT, SILENCE) as run:
            for line in run.lines():
                log.write(line + "\n")
                if line.startswith("# host: "):
                    self.host(line[8:].strip())
                self.break_qemu(line, run)
                yield line
            self.end = run.end

    def break_qemu(self, line, run):
        """Faults on purpose: QEMU dies, or stands still."""
        if line.startswith("# start tcp-upload") and self.provoke in ("kill", "stall"):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(run._process.pid, signal.SIGKILL if self.provoke == "kill" else signal.SIGSTOP)


def words(end):
    """What a run ended with."""
    return {End.LAST_WORDS: "powered off", End.PANIC: "panic", End.EXITED: "QEMU ended before the guest did",
            End.SILENCE: f"silence for {SILENCE} s", End.TIMEOUT: f"not done after {TIMEOUT} s"}[end]


def powered_off(end):
    return end is End.LAST_WORDS
