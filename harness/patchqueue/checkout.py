"""The tree of the queue: build/linux = the release, the patches of base/, one commit for each entry of `series`."""

from . import linux
from .commits import build
from .common import Fail, resolve, run_git, say


def checkout():
    """Bring build/linux to the end of the queue, unless that would lose work; what was built."""
    linux.ensure_release()
    linux.finish_move()
    built = build()
    head, last = resolve("HEAD"), resolve(linux.BUILT)
    if head == built.tip:
        linux.set_refs(built=built.tip)
    elif head == last:
        changes = linux.unfinished() or linux.dirty()
        if changes:
            raise Fail(f"build/linux has changes that are not committed ({changes}): commit them and make "
                       "refresh, or git -C build/linux stash -u")
        linux.move(built.tip, built.base)
    elif run_git("merge-base", "--is-ancestor", head, last).returncode == 0:
        raise Fail("HEAD of build/linux is at an earlier commit: git -C build/linux checkout series")
    else:
        raise Fail("build/linux has commits that are not in the series: make refresh stores them, git -C "
                   f"build/linux reset --keep {linux.BUILT} drops them")
    for patch, path in built.stale:
        say(f"{path} is not what the patches make of it: {patch} carries it, so change it in build/linux")
    return built
