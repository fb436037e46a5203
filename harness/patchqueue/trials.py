"""The checks of lint that need build/linux: they apply the series in every way that people will."""

import concurrent.futures
import contextlib
import fnmatch
import functools
import hashlib
import os
import pathlib
import re
import shutil
import subprocess

from .checks import CACHE
from .commits import Workshop, files_at, touched
from .common import HARNESS, LINUX, Fail, git, git_env, run_git, scratch
from .export import mails, plan
from .mails import write_mails

ZEROS = "0" * 40
# A tree for quilt takes as long as this many patches.
NEAR = 16


def check_tree(context):
    """The stored patches apply, to the byte."""
    problems = [f"{path} is not what {patch} and later patches make of it (repair: make tree; rm {path}; make refresh)"
                for patch, path in context.built.stale]
    return f"{len(context.built.commits)} patches apply, {context.built.tip[:12]}", problems


def check_refresh(context):
    """tree and then refresh would change no stored file."""
    new = plan(context.release, context.built.base, context.built.tip)
    problems = [f"{path} is not as make refresh writes it (repair: make tree refresh)" for path in new.differing()]
    return f"{len(new.files)} stored files are as refresh writes them", problems


@contextlib.contextmanager
def small_tree(first, last, patches):
    """A git tree with only the files of a commit that some patch touches, and the complete mails from it to another.

    The patches can touch nothing else, so what they do there is what they do in the whole tree.
    """
    paths = touched(patches)
    with scratch("small") as folder:
        write_mails(folder / "series", first, last)
        tree = folder / "linux"
        git("init", "-q", "--template=", tree, cwd=folder)
        (tree / ".git/objects/info").mkdir(exist_ok=True)
        (tree / ".git/objects/info/alternates").write_text(f"{LINUX / '.git/objects'}\n")
        index = "".join(f"{mode} {blob}\t{path}\n" for path, (mode, blob) in files_at(first, paths).items())
        git("update-index", "--index-info", cwd=tree, data=index.encode())
        git("commit", "-q", "--allow-empty", "-m", "start", cwd=tree)
        git("checkout-index", "-q", "-a", cwd=tree)
        yield folder / "series", tree, paths


def whole_tree(first, tree, paths):
    """The id of the whole tree of a commit with the small tree's files in it."""
    git("add", "-f", "-A", ".", cwd=tree)
    files = {path: f"0 {ZEROS}\t{path}\0" for path in paths}
    for line in git("ls-files", "-s", "-z", cwd=tree).split("\0")[:-1]:
        mode, blob, _, path = re.match(r"(\d+) (\w+) (\d)\t(.*)", line, re.S).groups()
        files[path] = f"{mode} {blob}\t{path}\0"
    with scratch("whole") as folder:
        shop = Workshop(folder)
        # Their objects are needed by write-tree; the small tree has them.
        shop.env["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = f'"{tree}/.git/objects"'
        shop.git("read-tree", first)
        shop.git("update-index", "-z", "--index-info", data="".join(files.values()).encode())
        return shop.git("write-tree").decode().strip()


def compare(first, last, tree, paths, how):
    want = git("rev-parse", f"{last}^{{tree}}")
    have = whole_tree(first, tree, paths)
    if want != have:
        differing = git("diff", "--name-only", last, "--", *sorted(paths)).split("\n")[:3]
        return [f"{how} makes the tree {have[:12]}, make tree made {want[:12]} ({' '.join(differing)}) "
                "(repair: look for lines ending in CR, or modes, that a mail loses)"]
    return []


@functools.cache
def trier(tool):
    """What makes a trial another one: the version of the tool, and the code here."""
    version = subprocess.run([tool, "--version"], capture_output=True, check=False).stdout
    code = [path.read_bytes() for path in sorted(pathlib.Path(__file__).parent.glob("*.py"))]
    return hashlib.sha256(b"\0".join([version, *code])).digest()


def stamp(tool, *data):
    """The file that says that the same was tried before, and went well."""
    return CACHE / tool / hashlib.sha256(b"\0".join([trier(tool), *data])).hexdigest()


def keep(stamps):
    for passed in stamps:
        passed.parent.mkdir(parents=True, exist_ok=True)
        passed.touch()


def try_am(first, last, patches):
    with small_tree(first, last, patches) as (series, tree, paths):
        start = git("rev-parse", "HEAD", cwd=tree)
        done = run_git("am", "-q", *sorted(series.glob("0*.patch")), cwd=tree) if patches else None
        if done and done.returncode:
            words = " ".join((done.stdout + done.stderr).decode(errors="replace").split())
            return [f"git am: {words[:300]} (repair: make tree refresh)"]
        form = "--format=%an <%ae> %ad%n%B%x00"
        one = git("log", "--reverse", form, f"{start}..", cwd=tree)
        two = git("log", "--reverse", form, f"{first}..{last}")
        problems = compare(first, last, tree, paths, "git am")
        if one != two:
            problems.append("git am makes other messages than make tree (repair: make tree refresh)")
        return problems


def check_am(context):
    """git am of the complete mails gives the tree that make tree gives, and its messages."""
    first, last = context.release, context.built.tip
    patches = [patch for patch, _ in context.built.commits]
    passed, problems = stamp("git", first.encode(), last.encode()), []
    if not passed.exists():
        problems = try_am(first, last, patches)
        if not problems:
            keep([passed])
    tip = git("rev-parse", f"{last}^{{tree}}")
    return f"git am of {len(patches)} mails gives the tree {tip[:12]}", problems


def try_quilt(first, last, patches):
    with small_tree(first, last, patches) as (series, tree, paths):
        env = {**git_env(), "QUILT_PATCHES": str(series)}
        done = subprocess.run(["quilt", "--quiltrc", "/dev/null", "push", "-a", "-q", "--fuzz=0"], cwd=tree,
                              env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            words = " ".join((done.stdout + done.stderr).split())
            return [f"quilt: {words[-300:]} (repair: make tree refresh)"]
        shutil.rmtree(tree / ".pc", ignore_errors=True)
        return compare(first, last, tree, paths, "quilt")


def runs(numbers):
    """Sorted numbers as ranges, those together that are a few apart."""
    found = []
    for number in numbers:
        if found and number - found[-1].stop < NEAR:
            found[-1] = range(found[-1].start, number + 1)
        else:
            found.append(range(number, number + 1))
    return found


def check_quilt(context):
    """quilt push -a without fuzz gives the same tree.

    A diff names what its files are before and after, so quilt is asked only about those that it has not taken before.
    """
    if not shutil.which("quilt"):
        return "", ["quilt is missing (repair: harness/packages lint)"]
    patches = [patch for patch, _ in context.built.commits]
    ends = [context.release, *(commit for _, commit in context.built.commits)]
    both = mails(context.release, context.built.base) + [mail for _, mail in context.complete]
    stamps = [stamp("quilt", *(section.text for section in mail.sections)) for mail in both]
    problems = []
    for run in runs(number for number, passed in enumerate(stamps) if not passed.exists()):
        found = try_quilt(ends[run.start], ends[run.stop], patches[run.start:run.stop])
        if not found:
            keep(stamps[run.start:run.stop])
        problems += found
    return f"quilt takes {len(patches)} patches at fuzz 0", problems


def ignored_types():
    """harness/checkpatch.conf: [(type, folder pattern)], and the lines that give no reason."""
    ignored, bad = [], []
    for line in (HARNESS / "checkpatch.conf").read_text().splitlines():
        words, _, reason = line.partition("#")
        if not words.strip():
            continue
        kind, folder = (words.split() + ["*"])[:2]
        ignored.append((kind, folder))
        if not reason.strip():
            bad.append(f"harness/checkpatch.conf: {kind} has no reason (repair: write it behind a #)")
    return ignored, bad


def checkpatch(path, text, ignored, tool):
    """What checkpatch says about one mail; the same mail is not asked about twice."""
    types = ",".join(sorted(kind for kind, folder in ignored if fnmatch.fnmatch(path, folder)))
    cached = CACHE / "checkpatch" / hashlib.sha256(b"\0".join([tool, types.encode(), text])).hexdigest()
    if not cached.exists():
        with scratch("checkpatch") as folder:
            (folder / "mail").write_bytes(text)
            # From a folder without .git: commits that a message names are not in our tree.
            done = subprocess.run(
                ["perl", LINUX / "scripts/checkpatch.pl", f"--root={LINUX}", "--strict", "--no-signoff", "--terse",
                 "--show-types", "--no-summary", "--color=never", *(["--ignore", types] if types else []), "mail"],
                cwd=folder, capture_output=True, text=True, errors="replace", check=False, env=git_env())
        if done.returncode and not done.stdout.strip():
            raise Fail(f"checkpatch.pl failed: {' '.join(done.stderr.split())}")
        cached.parent.mkdir(parents=True, exist_ok=True)
        new = cached.with_suffix(f".{os.getpid()}")
        new.write_text(done.stdout)
        new.replace(cached)
    return [f"{path}: {line.removeprefix('mail:')} (repair: fix it in build/linux, make refresh)"
            for line in cached.read_text().splitlines() if line.strip()]


def check_checkpatch(context):
    """checkpatch --strict --no-signoff on every complete patch of the series."""
    ignored, problems = ignored_types()
    tool = b"".join((LINUX / "scripts" / name).read_bytes()
                    for name in ("checkpatch.pl", "spelling.txt", "const_structs.checkpatch"))
    tool = hashlib.sha256(tool).digest()
    jobs = [(patch.path, mail.head + b"".join(section.text for section in mail.sections))
            for patch, mail in context.complete]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for lines in pool.map(lambda job: checkpatch(*job, ignored, tool), jobs):
            problems += lines
    return f"{len(jobs)} patches, {len(ignored)} types ignored", problems


TRIALS = {"tree": check_tree, "refresh": check_refresh, "am": check_am, "quilt": check_quilt,
          "checkpatch": check_checkpatch}
