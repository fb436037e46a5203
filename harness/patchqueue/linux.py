"""build/linux: made from the release's tarball once, then moved from one stored tip to the next.

Refs there: tags `release` and `base`, branch `series`, and refs/queue/built, the last tip that came
from the stored patches. refs/queue/moving exists only while the work tree moves.
"""

import hashlib
import os
import shutil
import subprocess

from . import stored
from .commits import check_release
from .common import (BUILD, HARNESS, LINUX, Fail, git, git_bytes, resolve, run_git, say, scratch, source,
                     uninterrupted)

NAMES = {"head": "HEAD", "base": "refs/tags/base", "built": "refs/queue/built", "moving": "refs/queue/moving"}
BUILT = NAMES["built"]
# What build/linux was made from: the hash in base/source, then the tarball's own.
RECORD = LINUX / ".git/queue-release"


def digest_of(path):
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Fail(f"{path}: {error.strerror}") from error


def fetch():
    """The tarball's hash and path."""
    done = subprocess.run([HARNESS / "fetch"], stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise SystemExit(1)     # fetch said why
    digest, _, path = done.stdout.decode().rstrip("\n").partition("  ")
    return digest, path


def unpack(tarball, folder):
    """Unpack a tarball that holds a kernel in one folder; the path of that folder."""
    done = subprocess.run(["tar", "-xf", tarball, "-C", folder, "--no-same-owner"], stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        reason = (done.stderr.decode(errors="replace").strip().splitlines() or ["tar failed"])[0]
        raise Fail(f"{tarball} is not a tarball that can be unpacked: {reason}")
    tops = list(folder.iterdir())
    if len(tops) != 1 or not all((tops[0] / name).exists() for name in ("Makefile", "Kconfig", "kernel")):
        raise Fail(f"{tarball} does not hold a kernel: one folder with Makefile, Kconfig and kernel/ is expected")
    return tops[0]


def make_release(digest, tarball):
    """build/linux with the release as its only commit. It appears when it is complete."""
    pin = source()
    free = shutil.disk_usage(BUILD).free >> 20
    if free < int(pin.get("SPACE", 0)):
        raise Fail(f"{free} MiB are free for build/, {pin['SPACE']} MiB are needed: make room")
    patches = stored.load_all()
    with scratch("unpack") as folder:
        say(f"unpacking {os.path.basename(tarball)} (half a minute)")
        tree = unpack(tarball, folder)
        say("making a git tree of it (half a minute)")
        git("init", "-q", "--template=", "-b", "series", cwd=tree)
        # A maintenance run in the background would race with ours, and take a minute of two cores.
        git("config", "gc.auto", "0", cwd=tree)
        git("add", "-f", "-A", cwd=tree)
        commit = git("commit-tree", git("write-tree", cwd=tree), "-m", f"Linux {pin['RELEASE']}", cwd=tree)
        for ref in ("refs/tags/release", "refs/tags/base", "refs/heads/series", BUILT):
            git("update-ref", ref, commit, cwd=tree)
        if digest != pin["SHA256"]:
            wrong = check_release(patches, tree)
            if wrong:
                raise Fail(f"{tarball} is not the release that the patches are for: {'; '.join(wrong)}")
        (tree / ".git" / RECORD.name).write_text(f"{pin['SHA256']} {digest}\n")
        tree.rename(LINUX)


def ensure_release():
    """build/linux exists and was made from what base/source pins."""
    pin = source()
    if not LINUX.exists():
        make_release(*fetch())
        return
    try:
        made_for, made_from = RECORD.read_text().split()
    except (OSError, ValueError):
        raise Fail("build/linux is not a tree that make tree has made: move it away") from None
    again = "save your work, then rm -rf build/linux"
    if made_for != pin["SHA256"]:
        raise Fail(f"base/source pins another tarball than build/linux was made from: {again}")
    given = os.environ.get("LINUX_TARBALL")
    if given and digest_of(given) != made_from:
        raise Fail(f"LINUX_TARBALL is not the tarball that build/linux was made from: {again}")
    if made_from != pin["SHA256"]:
        wrong = check_release(stored.load_all())
        if wrong:
            raise Fail(f"build/linux was made from a tarball that the patches are not for ({again}): "
                       f"{'; '.join(wrong)}")


def unfinished():
    """A rebase, merge or the like that somebody has not ended in build/linux."""
    names = ("rebase-merge", "rebase-apply", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "sequencer")
    return next((name for name in names if (LINUX / ".git" / name).exists()), None)


def dirty():
    """The first files with changes that are in no commit, or nothing."""
    fields = git_bytes("status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal").split(b"\0")
    return ", ".join(field[3:].decode(errors="replace") for field in fields[:3] if field)


def set_refs(**refs):
    """Set refs in one transaction."""
    lines = "".join(f"update {NAMES[name]} {commit}\n" for name, commit in refs.items())
    git("update-ref", "--stdin", data=lines.encode())


def settle(tip, base):
    """Record that the tree stands at a stored tip."""
    set_refs(head=tip, base=base, built=tip)
    run_git("update-ref", "-d", NAMES["moving"])


def finish_move():
    """A move of the work tree was killed half way: bring it to its end."""
    target = resolve(NAMES["moving"])
    if not target:
        return
    (LINUX / ".git/index.lock").unlink(missing_ok=True)
    # Somebody may have edited files since.
    rescued = git("stash", "create")
    if rescued:
        git("update-ref", "refs/queue/rescued", rescued)
        say("build/linux was left half way; its changes are in refs/queue/rescued (git stash apply)")
    git("read-tree", "--reset", "-u", target)
    settle(target, resolve("base"))


def move(tip, base):
    """Bring HEAD and the work tree to a stored tip, touching only the files that differ."""
    before = resolve("base")
    with uninterrupted():
        set_refs(moving=tip, base=base)
        done = run_git("read-tree", "-m", "-u", "HEAD", tip)
        if done.returncode:
            set_refs(base=before)
            run_git("update-ref", "-d", NAMES["moving"])
            raise Fail(f"build/linux cannot be moved: {' '.join(done.stderr.decode().split())}")
        settle(tip, base)
