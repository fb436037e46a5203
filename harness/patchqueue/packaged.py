"""The series on Debian's source package: its own patches first, then ours, as a packager would list them.

Only the files that some patch touches are laid out: the patches can touch nothing else.
"""

import re
import shutil
import subprocess

from .common import BUILD, HARNESS, Fail, git, git_env, scratch
from .export import mails
from .linux import digest_of
from .mails import write_mails

OUT = BUILD / "packaged"
# Where Debian's kernel team has what comes from elsewhere.
FEATURE = "features/all/dma-alloc-pages"
HUNK = re.compile(r"^(?:--- a/|\+\+\+ b/|--- [^/\s]+/|\+\+\+ [^/\s]+/)(\S+)", re.M)


def fetch(pin):
    """Debian's patches, unpacked; the folder with their series file."""
    for key in ("DEBIAN_FILE", "DEBIAN_SHA256"):
        if key not in pin:
            raise Fail(f"base/source has no line {key}=")
    done = subprocess.run([HARNESS / "fetch", "debian"], stdout=subprocess.PIPE, check=False, text=True)
    if done.returncode:
        raise SystemExit(1)     # fetch said why
    path = done.stdout.rstrip("\n").partition("  ")[2]
    if digest_of(path) != pin["DEBIAN_SHA256"]:
        raise Fail(f"{path} is not what base/source pins: remove it")
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    done = subprocess.run(["tar", "-xf", path, "-C", OUT, "--no-same-owner", "debian/patches"], stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise Fail(f"{path}: {done.stderr.decode(errors='replace').strip().splitlines()[0]}")
    return OUT / "debian/patches"


def listed(series):
    """The entries of a quilt series file, which may have options and comments."""
    words = (line.split("#")[0].split() for line in series.read_text().splitlines())
    return [word[0] for word in words if word]


def touched(folder, names):
    """The files that patches name: path -> the patches, in order."""
    found = {}
    for name in names:
        text = (folder / name).read_bytes().decode(errors="surrogateescape")
        for path in dict.fromkeys(HUNK.findall(text)):
            found.setdefault(path, []).append(name)
    return found


def add_ours(folder, built, release):
    """Our mails below debian/patches, and their lines at the end of its series file."""
    ours = folder / FEATURE
    ours.parent.mkdir(parents=True, exist_ok=True)
    write_mails(ours, built.base, built.tip)
    write_mails(ours / "base", release, built.base)
    names = [f"{FEATURE}/{part}{name}" for part, series in (("base/", ours / "base/series"), ("", ours / "series"))
             for name in listed(series)]
    for series in (ours / "base/series", ours / "series"):
        series.unlink()
    with (folder / "series").open("a") as file:
        file.write("\n# dma_alloc_pages(), from the state before upstream's own\n" + "".join(f"{n}\n" for n in names))
    return names


def lay_out(tree, paths):
    """Those of the files that the release has."""
    have = set(git("ls-tree", "-r", "-z", "--name-only", "release").split("\0"))
    archive = tree.with_suffix(".tar")
    git("archive", "-o", archive, "release", "--", *sorted(paths & have))
    tree.mkdir()
    subprocess.run(["tar", "-xf", archive, "-C", tree], check=True)


def quilt(tree, folder, *command):
    # As debian/rules does it: no configuration, no fuzz.
    return subprocess.run(["quilt", "--quiltrc", "-", *command], cwd=tree, capture_output=True, text=True, check=False,
                          env={**git_env(), "QUILT_PATCHES": str(folder)})


def push(tree, folder, names):
    """Apply all; the offsets of ours that quilt tells, or the patch and file that do not fit."""
    done = quilt(tree, folder, "push", "-a", "--fuzz=0")
    if not done.returncode:
        ours = done.stdout[done.stdout.find(f"Applying patch {FEATURE}"):]
        return len(re.findall(r"^Hunk #\d+ succeeded at \d+ \(offset", ours, re.M))
    said = done.stdout + done.stderr
    patch = (re.findall(r"^Applying patch (\S+)", said, re.M) or ["?"])[-1]
    tail = said[said.rfind("Applying patch"):]
    files = re.findall(r"^patching file (\S+)\n(?:Hunk #\d+ (?:succeeded|skipped).*\n)*Hunk #\d+ FAILED", tail, re.M)
    files = files or re.findall(r"^can't find file to patch|^\|\+\+\+ \S+?/(\S+)", tail, re.M)
    others = touched(folder, names[:names.index(patch)]) if patch in names else {}
    before = [name for path in files for name in others.get(path, []) if not name.startswith(FEATURE)]
    hint = f"before it came {' '.join(before)}" if before else "no Debian patch before it touches that"
    raise Fail(f"{patch} does not apply without fuzz to {' '.join(filter(None, files)) or 'a file'} ({hint}): rebase it in "
               "a copy for the package, or move its place in debian/patches/series")


def check_result(tree, ours, theirs, built):
    """Files that only we touch are as in build/linux. The others, which Debian has changed, are told."""
    both = sorted(path for path in ours if path in theirs)
    for path in sorted(set(ours) - set(theirs)):
        want = subprocess.run(["git", "show", f"{built.tip}:{path}"], cwd=BUILD / "linux", capture_output=True, check=False)
        disk = tree / path
        have = disk.read_bytes() if disk.is_file() else None
        if have != (None if want.returncode else want.stdout):
            raise Fail(f"{path} is not what make tree makes of it: make tree refresh")
    return both


def carry(pin, built, release):
    """Apply Debian's patches and ours; what to say about it."""
    folder = fetch(pin)
    debian = listed(folder / "series")
    names = add_ours(folder, built, release)
    theirs = touched(folder, debian)
    ours = {section.path for mail in [*mails(release, built.base), *mails(built.base, built.tip)]
            for section in mail.sections}
    with scratch("packaged") as place:
        tree = place / "linux"
        lay_out(tree, set(theirs) | ours)
        offsets = push(tree, folder, [*debian, *names])
        both = check_result(tree, ours, theirs, built)
    summary = (f"{len(debian)} patches of {pin['PACKAGE']} {pin['VERSION']}, then {len(names)} of ours, without fuzz; "
               f"{offsets} of our hunks at an offset, {len(both)} files of both")
    return summary, both
