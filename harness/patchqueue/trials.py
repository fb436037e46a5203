"""The checks of lint that need build/linux: they apply the series in every way that people will."""

import concurrent.futures
import contextlib
import fnmatch
import hashlib
import os
import pathlib
import re
import shutil
import subprocess

from .checks import CACHE
from .commits import Workshop, release_files
from .common import HARNESS, LINUX, Fail, git, git_env, run_git, scratch
from .export import mails, plan
from .mails import write_mails

ZEROS = "0" * 40


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
def small_tree(context):
    """A git tree with only the files of the release that some patch touches, and the complete mails.

    The patches can touch nothing else, so what they do there is what they do in the whole tree.
    """
    built = context.built
    with scratch("small") as folder:
        write_mails(folder / "series", built.base, built.tip)
        write_mails(folder / "series/base", context.release, built.base)
        both = mails(context.release, built.base) + [mail for _, mail in context.complete]
        paths = {section.path for mail in both for section in mail.sections}
        tree = folder / "linux"
        git("init", "-q", "--template=", tree, cwd=folder)
        (tree / ".git/objects/info").mkdir(exist_ok=True)
        (tree / ".git/objects/info/alternates").write_text(f"{LINUX / '.git/objects'}\n")
        index = "".join(f"{mode} {blob}\t{path}\n" for path, (mode, blob) in release_files(paths).items())
        git("update-index", "--index-info", cwd=tree, data=index.encode())
        git("commit", "-q", "--allow-empty", "-m", "release", cwd=tree)
        git("checkout-index", "-q", "-a", cwd=tree)
        yield folder / "series", tree, paths


def whole_tree(context, tree, paths):
    """The id of the whole kernel tree with the small tree's files in it."""
    git("add", "-f", "-A", ".", cwd=tree)
    files = {path: f"0 {ZEROS}\t{path}\0" for path in paths}
    for line in git("ls-files", "-s", "-z", cwd=tree).split("\0")[:-1]:
        mode, blob, _, path = re.match(r"(\d+) (\w+) (\d)\t(.*)", line, re.S).groups()
        files[path] = f"{mode} {blob}\t{path}\0"
    with scratch("whole") as folder:
        shop = Workshop(folder)
        # Their objects are needed by write-tree; the small tree has them.
        shop.env["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = f'"{tree}/.git/objects"'
        shop.git("read-tree", context.release)
        shop.git("update-index", "-z", "--index-info", data="".join(files.values()).encode())
        return shop.git("write-tree").decode().strip()


def compare(context, tree, paths, how):
    want = git("rev-parse", f"{context.built.tip}^{{tree}}")
    have = whole_tree(context, tree, paths)
    if want != have:
        differing = git("diff", "--name-only", context.built.tip, "--", *sorted(paths)).split("\n")[:3]
        return [f"{how} makes the tree {have[:12]}, make tree made {want[:12]} ({' '.join(differing)}) "
                "(repair: look for lines ending in CR, or modes, that a mail loses)"]
    return []


def once(tool):
    """For a trial that is made of the commits alone: the same commits are not tried twice.

    The same are they only if the code of the trial and the version of its tool are, too.
    """
    def decorate(trial):
        def check(context):
            if not shutil.which(tool):
                return "", [f"{tool} is missing (repair: harness/packages lint)"]
            version = subprocess.run([tool, "--version"], capture_output=True, check=False).stdout
            code = [path.read_bytes() for path in sorted(pathlib.Path(__file__).parent.glob("*.py"))]
            commits = [context.release, context.built.base, context.built.tip]
            key = hashlib.sha256(b"\0".join([version, *code, *map(str.encode, commits)])).hexdigest()
            passed = CACHE / tool / key
            if passed.exists():
                return passed.read_text(), []
            summary, problems = trial(context)
            if not problems:
                passed.parent.mkdir(parents=True, exist_ok=True)
                passed.write_text(summary)
            return summary, problems
        return check
    return decorate


@once("git")
def check_am(context):
    """git am of build/series gives the tree that make tree gives, and its messages."""
    with small_tree(context) as (series, tree, paths):
        start = git("rev-parse", "HEAD", cwd=tree)
        for folder in (series / "base", series):
            names = sorted(folder.glob("0*.patch"))
            done = run_git("am", "-q", *names, cwd=tree) if names else None
            if done and done.returncode:
                words = " ".join((done.stdout + done.stderr).decode(errors="replace").split())
                return "", [f"git am: {words[:300]} (repair: make tree refresh)"]
        form = "--format=%an <%ae> %ad%n%B%x00"
        one = git("log", "--reverse", form, f"{start}..", cwd=tree)
        two = git("log", "--reverse", form, f"{context.release}..{context.built.tip}")
        problems = compare(context, tree, paths, "git am")
        if one != two:
            problems.append("git am makes other messages than make tree (repair: make tree refresh)")
        tip = git("rev-parse", f"{context.built.tip}^{{tree}}")
        return f"git am of {len(context.built.commits)} mails gives the tree {tip[:12]}", problems


@once("quilt")
def check_quilt(context):
    """quilt push -a without fuzz gives the same tree."""
    with small_tree(context) as (series, tree, paths):
        for folder in (series / "base", series):
            if not (folder / "series").read_text():
                continue
            env = {**git_env(), "QUILT_PATCHES": str(folder)}
            done = subprocess.run(["quilt", "--quiltrc", "/dev/null", "push", "-a", "-q", "--fuzz=0"], cwd=tree,
                                  env=env, capture_output=True, text=True, check=False)
            if done.returncode:
                words = " ".join((done.stdout + done.stderr).split())
                return "", [f"quilt: {words[-300:]} (repair: make tree refresh)"]
            shutil.rmtree(tree / ".pc")
        problems = compare(context, tree, paths, "quilt")
    return f"quilt takes {len(context.built.commits)} patches at fuzz 0", problems


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
