"""build/delta.diff: one diff from the release to the end of the series, with a table of contents.

Who carries the release, and with it upstream's version of the API, reviews the changed files: they
come first. Below each stand the subjects of the patches whose lines it has.
"""

import collections
import fnmatch
import re

from .common import BUILD, Fail, git, git_bytes, run_git, scratch, write_file
from .commits import Workshop

DELTA = BUILD / "delta.diff"
SUBJECTS_MAX = 4
# In the order of a review: title, patterns of paths. \0 stands for the part that the first * matches.
GROUPS = (
    ("Tests: the DMA mapping core", "kernel/dma/*test*", "include/linux/dma-test-hook.h", "kernel/dma/dma_model.c",
     "include/linux/dma-model.h", "kernel/dma/*benchmark.c"),
    ("Tests: drivers, and the models of their chips", "drivers/*_test.c", "drivers/*_model.c", "sound/*_test.c"),
    ("DMA mapping core", "kernel/dma/*"),
    ("Headers", "include/*"),
    ("arch/\0: backends", "arch/*/*"),
    ("drivers/iommu", "drivers/iommu/*"),
    ("drivers/\0: backends", "drivers/[pvx]*/*"),
    ("53c700 and its front ends", "drivers/scsi/*700*", "drivers/scsi/a4000t.c", "drivers/scsi/*_scsi.c",
     "drivers/scsi/sim710.c", "drivers/scsi/sni_53c710.c", "drivers/scsi/zorro7xx.c"),
    ("sgiwd93", "drivers/scsi/sgiwd93*", "drivers/scsi/wd33c93*"),
    ("drivers/net/ethernet/\0", "drivers/net/ethernet/*/*"),
    ("drivers/\0", "drivers/*/*"),
    ("sound/\0", "sound/*/*"),
    ("Documentation", "Documentation/*", "MAINTAINERS"),
    ("KUnit", "lib/kunit/*", "tools/testing/kunit/*"),
    ("Programs for a guest", "tools/testing/selftests/*"),
)


def group_of(path):
    """The place and the title of the group that a file belongs to."""
    for place, (title, *patterns) in enumerate(GROUPS):
        pattern = next((pattern for pattern in patterns if fnmatch.fnmatchcase(path, pattern)), None)
        if pattern:
            # The folder that stands where the pattern has its first star.
            return place, title.replace("\0", path.split("/")[pattern[:pattern.index("*")].count("/")]
                                        if "\0" in title else "")
    return len(GROUPS), path.rpartition("/")[0] or "Top folder"


def subjects(path, new, release, tip):
    """What made the file: the patches that own lines of the diff, most lines first, or all that touched it."""
    log = git("log", "--reverse", "--format=%H %s", f"{release}..{tip}", "--", path).split("\n")
    touched = dict(line.split(" ", 1) for line in log)
    if new:
        return list(touched.values())[:1]
    if run_git("cat-file", "-e", f"{tip}:{path}").returncode:     # the series removes it
        return list(touched.values())
    blame = git_bytes("blame", "--porcelain", f"{release}..{tip}", "--", path)
    owned = collections.Counter(re.findall(r"^([0-9a-f]{40}) \d+ \d+", blame.decode(errors="replace"), re.M))
    owners = [commit for commit, _ in owned.most_common() if commit in touched]
    return [touched[commit] for commit in owners or touched]


def collect(release, tip):
    """The files that differ: [(is new, place, group, path, plus, minus)], in the order of the diff."""
    found = []
    status = dict(line.split("\t")[::-1] for line in
                  git("diff", "--no-renames", "--name-status", release, tip).splitlines())
    for line in git("diff", "--no-renames", "--numstat", release, tip).splitlines():
        plus, minus, path = line.split("\t")
        found.append((status[path] == "A", *group_of(path), path, plus, minus))
    return sorted(found)


def contents(files, release, built):
    """The table of contents."""
    name = git("log", "-1", "--format=%s", release)
    lines = [f"What {name} with this series differs in from {name} as it is.  The patches of",
             "base/ are in it: what they take out and the series brings again shows only where",
             "it came back otherwise.  A part of this file can be given to git apply or patch -p1.",
             "Below a changed file: the patches that wrote lines of it, most lines first, or that",
             "took lines away if none wrote any; below a new file: the patch that adds it."]
    last_kind = last_group = None
    for new, _, group, path, plus, minus in files:
        if new != last_kind:
            kind = [file for file in files if file[0] == new]
            added, taken = (sum(int(file[column]) for file in kind if file[column] != "-") for column in (4, 5))
            lines += ["", f"== {len(kind)} {'new' if new else 'changed'} files (+{added} -{taken})"]
            last_kind, last_group = new, None
        if group != last_group:
            lines += ["", f"{group}:"]
            last_group = group
        lines.append(f"  {path}  +{plus}" + ("" if new else f" -{minus}"))
        said = subjects(path, new, release, built.tip)
        lines += [f"      {subject}" for subject in said[:SUBJECTS_MAX]]
        if len(said) > SUBJECTS_MAX:
            lines.append(f"      and {len(said) - SUBJECTS_MAX} more")
    return "\n".join(lines) + "\n\n"


def check(text, release, tip):
    """The diff, applied to the release, is the tree of the series: no file is missing."""
    with scratch("delta") as folder:
        shop = Workshop(folder)
        shop.git("read-tree", release)
        done = shop.run("apply", "--cached", "-", data=text)
        if done.returncode:
            raise Fail(f"the diff does not apply to the release: {' '.join(done.stderr.decode().split())[:200]}")
        missing = shop.git("diff-index", "--cached", "--name-only", tip).decode().split()
        if missing:
            raise Fail(f"the diff lacks changes of {' '.join(missing[:3])}: see GROUPS and collect() in "
                       "harness/patchqueue/delta.py")


def write_delta(release, built):
    """Write build/delta.diff; how many files changed, and how many are new."""
    files = collect(release, built.tip)
    if not files:
        raise Fail("there is no difference between the release and the series")
    whole = git_bytes("diff", "--no-renames", "--full-index", release, built.tip)
    parts = {re.match(rb"diff --git a/(.*) b/\1\n", part).group(1).decode(): part
             for part in re.split(rb"(?m)^(?=diff --git )", whole) if part}
    text = contents(files, release, built).encode() + b"".join(parts[path] for _, _, _, path, _, _ in files)
    check(text, release, built.tip)
    write_file(DELTA, text)
    new = sum(file[0] for file in files)
    return len(files) - new, new
