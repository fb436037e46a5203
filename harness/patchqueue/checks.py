"""The checks of lint that need only the stored files.

A check takes a Context and returns a summary and a list of problems, each with its repair.
"""

import collections
import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys

from . import stored
from .commits import build
from .common import BUILD, TOP, Fail, resolve, run_git
from .export import mails

WIDTH = 75
LINES_MAX = 300
TAGS = re.compile(r"^(Signed-off-by|Tested-by|Reviewed-by|Acked-by):", re.M | re.I)


class Context:
    """What several checks share, made when the first one asks."""

    @functools.cached_property
    def files(self):
        """The files of the repository, those that git ignores left out."""
        done = run_git("ls-files", "-co", "--exclude-standard", "-z", cwd=TOP)
        if done.returncode:
            raise Fail("the repository is no git repository: git init; git add -A")
        names = done.stdout.decode(errors="surrogateescape").split("\0")[:-1]
        return sorted({name for name in names if os.path.lexists(TOP / name)})

    @functools.cached_property
    def patches(self):
        return stored.load_all()

    @functools.cached_property
    def built(self):
        return build()

    @functools.cached_property
    def release(self):
        return resolve("release")

    @functools.cached_property
    def complete(self):
        """The complete mails of the series, each with its stored patch."""
        series = [patch for patch, _ in self.built.commits if patch.part == "series"]
        return list(zip(series, mails(self.built.base, self.built.tip)))


def check_series(context):
    """`series` and patch files agree, both ways."""
    problems, listed = [], []
    for part, name in stored.SERIES.items():
        for path in stored.entries(part):
            listed.append(path)
            if not (TOP / path).is_file():
                problems.append(f"{name} lists {path}, which is not there (repair: git checkout -- {path}, "
                                f"or take it out of {name})")
            elif part == "series" and path.startswith(("base/", "build/")):
                problems.append(f"series lists {path} (repair: list it in base/series)")
    for path in context.files:
        if path.endswith(".patch") and path not in listed:
            where = "base/series" if path.startswith("base/") else "series"
            problems.append(f"{path} is not in {where} (repair: git rm -f {path}, or add its line)")
    base = sum(path.startswith("base/") for path in listed)
    return f"{len(listed) - base} patches, {base} of the base, all listed once", problems


def check_files(context):
    """Create lines and plain source files agree, both ways."""
    problems, created, plain = [], set(), 0
    for patch in context.patches:
        if patch.part == "base":
            continue
        created.update(patch.mail.creates)
        for path, mode in patch.mail.overlay().items():
            plain += 1
            disk = TOP / path
            if stored.ours(path):
                problems.append(f"{patch.path} creates {path}, a path of the repository itself "
                                "(repair: edit the patch)")
            elif not disk.is_file():
                problems.append(f"{patch.path} creates {path}, which is not there (repair: git checkout -- {path})")
            elif bool(disk.stat().st_mode & 0o100) != (mode == "100755"):
                problems.append(f"{path}: its mode is not {mode} (repair: chmod {mode[3:]} {path})")
            elif path not in context.files:
                problems.append(f"{path} is ignored by git (repair: git add -f {path})")
    counts = collections.Counter(path for patch in context.patches for path in patch.mail.overlay())
    problems += [f"{path}: {count} create lines (repair: leave one)" for path, count in counts.items() if count > 1]
    for path in context.files:
        if not stored.ours(path) and path not in created:
            problems.append(f"{path}: no patch has a create line for it (repair: git rm -f {path}, or commit it in "
                            "build/linux and make refresh)")
    return f"{plain} new files, each with its create line", problems


def wrap_exempt(line):
    """Lines that may be wide: quoted, indented, tables, Fixes: and Link:, and words that cannot be broken."""
    return (line[:1] in " \t>|+" or re.match(r"(Fixes|Link|Closes): ", line)
            or " " not in line[:WIDTH].strip())


def check_messages(context):
    """Subjects and bodies as a kernel maintainer wants them."""
    problems = []
    for patch in context.patches:
        repair = f"(repair: reword the commit of {patch.path} in build/linux, make refresh)"
        subject = patch.mail.subject
        body = patch.mail.head.partition(b"\n---\n")[0].partition(b"\n\n")[2].decode(errors="replace")
        if not re.match(r"(\S+: )+\S", subject):
            problems.append(f"{patch.path}: the subject is not 'subsystem: what it does' {repair}")
        if len(subject) > WIDTH:
            problems.append(f"{patch.path}: the subject has {len(subject)} columns {repair}")
        if not body.strip():
            problems.append(f"{patch.path}: the message has no body {repair}")
        wide = [line for line in body.split("\n") if len(line) > WIDTH and not wrap_exempt(line)]
        problems += [f"{patch.path}: {len(line)} columns: '{line[:40]}…' {repair}" for line in wide]
        problems += [f"{patch.path}: {tag}: is for a person to add {repair}" for tag in TAGS.findall(body)]
        binary = [section.path for section in patch.mail.sections if b"\nGIT binary patch\n" in section.text]
        problems += [f"{patch.path}: {path} is binary (repair: make it text)" for path in binary]
    return f"{len(context.patches)} subjects and bodies", problems


def own_words():
    """Hosts of this machine's package archives and its own folders: they belong in no file."""
    shell = f'. "{pathlib.Path(__file__).parent.parent}/lib.sh"; apt_uris'
    uris = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=False).stdout
    words = {host for host in re.findall(r"://(?:[^/@\s]*@)?([^/:\s]+)", uris)}
    folder = str(TOP.parent)
    if folder not in ("/", "/home", "/mnt", "/opt", "/root", "/srv", "/tmp", "/usr", "/var"):
        words.add(f"{folder}/")
    return sorted(words)


def check_words(context):
    """No mirror's host and no path of this machine in any file."""
    problems, words = [], own_words()
    pattern = re.compile("|".join(rf"(?<![\w.]){re.escape(word)}" for word in words).encode() or rb"(?!)")
    for path in context.files:
        if not (TOP / path).is_file():
            continue
        for number, line in enumerate((TOP / path).read_bytes().split(b"\n"), 1):
            found = pattern.search(line)
            if found:
                problems.append(f"{path}:{number}: '{found.group().decode()}' (repair: take it out)")
    return f"no host or path of this machine in {len(context.files)} files", problems


def interpreter(path):
    """Which language a file of ours is in: sh, python or nothing."""
    if path.suffix == ".py":
        return "python"
    with path.open("rb") as file:
        first = file.readline(80)
    found = re.match(rb"#!.*\b(sh|bash|python3)\b|# shellcheck shell=(sh)", first)
    return {None: None, b"python3": "python"}.get(found and found.group(1), "sh") if found else None


def pyflakes():
    """A command that runs pyflakes: Debian's python3 has it when another python3 is first in the path."""
    for command in (["pyflakes3"], [sys.executable, "-m", "pyflakes"], ["/usr/bin/python3", "-m", "pyflakes"]):
        if shutil.which(command[0]) and not subprocess.run(
                [*command, os.devnull], capture_output=True, check=False).returncode:
            return command
    return None


def check_scripts(context):
    """Our scripts: shellcheck, syntax, pyflakes, length."""
    problems = []
    kinds = collections.defaultdict(list)
    for name in context.files:
        path = TOP / name
        if name.startswith(("harness/", ".ci/")) or path.suffix == ".py":
            kinds[interpreter(path) if path.is_file() else None].append(path)
    for path in kinds["sh"] + kinds["python"]:
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > LINES_MAX:
            problems.append(f"{path.relative_to(TOP)}: {lines} lines (repair: split it, {LINES_MAX} are enough)")
    for path in kinds["python"]:
        try:
            compile(path.read_text(encoding="utf-8"), str(path), "exec", dont_inherit=True)
        except SyntaxError as error:
            problems.append(f"{path.relative_to(TOP)}:{error.lineno}: {error.msg} (repair: edit it)")
    tools = [("shellcheck", shutil.which("shellcheck") and
              ["shellcheck", "-x", "-P", "SCRIPTDIR", "-f", "gcc"], kinds["sh"]),
             ("pyflakes", pyflakes(), kinds["python"])]
    for name, command, paths in tools:
        if not paths:
            continue
        if not command:
            problems.append(f"{name} is missing (repair: harness/packages lint)")
            continue
        done = subprocess.run([*command, *(path.relative_to(TOP) for path in paths)], cwd=TOP, capture_output=True,
                              text=True, check=False)
        problems += [f"{name}: {line} (repair: edit it)" for line in (done.stdout + done.stderr).splitlines()]
    return f"{len(kinds['sh'])} shell and {len(kinds['python'])} Python files", problems


CHECKS = {"series": check_series, "files": check_files, "messages": check_messages, "words": check_words,
          "scripts": check_scripts}
CACHE = BUILD / "lint"
