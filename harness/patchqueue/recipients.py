"""build/series/recipients: who gets which mail, by MAINTAINERS as it is at the end of the series."""

import collections
import concurrent.futures
import os
import re
import subprocess

from .common import LINUX, Fail, git, git_env, write_file
from .mails import SERIES

FILE = SERIES / "recipients"
# Who reads everything says nothing about whether a patch has an owner.
EVERYBODY = "linux-kernel@"
# The history here is not the kernel's, so it names nobody.
OPTIONS = ["--no-git", "--no-git-fallback", "--no-fixes", "--roles", "--no-rolestats"]


def ask(*args):
    """What get_maintainer.pl answers: the people and lists that own something, and those who look on."""
    done = subprocess.run(["perl", "scripts/get_maintainer.pl", *OPTIONS, *map(str, args)], cwd=LINUX, check=False,
                          capture_output=True, text=True, errors="replace", env=git_env())
    if done.returncode or done.stderr.strip():
        words = " ".join((done.stderr or done.stdout).split())
        raise Fail(f"get_maintainer.pl {os.path.basename(str(args[-1]))}: {words[:200] or 'no answer'}")
    to, cc = [], []
    for line in done.stdout.splitlines():
        who, role = re.fullmatch(r"(.*?) \((.*)\)", line).groups()
        (to if re.match("maintainer|supporter", role) else cc).append(who)
    return to, cc


def owned(people):
    return any(not re.search(rf"\b{EVERYBODY}", who) for who in people)


def ask_mail(path):
    """A change of MAINTAINERS itself goes to those whose section it edits: the owners of what it names."""
    to, cc = ask(path)
    named = re.findall(r"^\+F:\s+(\S*[^*/\s])$", path.read_text(encoding="utf-8", errors="replace"), re.M)
    if not owned(to + cc) and named:
        to, cc = ask("-f", "--no-keywords", named[0])
    return to, cc


def collect(base, tip):
    """[(mail, To, Cc)] of all mails, and what has no owner."""
    names = sorted(path.name for path in SERIES.glob("[0-9]*.patch"))
    patches = [name for name in names if not name.startswith("0000-")]
    new = git("diff", "--name-only", "--no-renames", "--diff-filter=A", base, tip).split()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = dict(zip(patches, pool.map(lambda name: ask_mail(SERIES / name), patches)))
        files = dict(zip(new, pool.map(lambda path: ask("-f", "--no-keywords", path), new)))
    problems = [f"{name}: nobody but everybody's list (repair: add its files to MAINTAINERS)"
                for name, (to, cc) in answers.items() if not owned(to + cc)]
    problems += [f"{path}: MAINTAINERS does not have it (repair: add it to MAINTAINERS in build/linux)"
                 for path, (to, cc) in files.items() if not owned(to + cc)]
    rows = []
    for name, (to, cc) in answers.items():
        # git send-email asks for somebody to write to: a list, where MAINTAINERS knows no person.
        first = next((who for who in cc if owned([who])), None)
        if not to and first:
            to, cc = [first], [who for who in cc if who != first]
        rows.append((name, to, cc))
    if names != patches:
        # The cover letter is for every list, and above all for the one that gets most of the mails.
        lists = collections.Counter(who for _, to, cc in rows for who in to + cc if "<" not in who)
        lists = [who for who, _ in lists.most_common()]
        rows.insert(0, (names[0], [who for who in lists if owned([who])][:1], lists))
    return rows, len(new), problems


def write_recipients(base, tip):
    """Write build/series/recipients; how many mails, new files and addresses, and the problems."""
    rows, new, problems = collect(base, tip)
    if not rows:
        raise Fail("there are no mails in build/series")
    text = "".join(f"{name}\n" + "".join(f"To: {who}\n" for who in to)
                   + "".join(f"Cc: {who}\n" for who in cc if who not in to) + "\n" for name, to, cc in rows)
    write_file(FILE, text.encode())
    return len(rows), new, len({who for _, to, cc in rows for who in to + cc}), problems


def print_for(kind, mail):
    """For git send-email --to-cmd and --cc-cmd: the addresses of one mail."""
    if not FILE.exists():
        raise Fail("there is no build/series/recipients: make recipients")
    for block in FILE.read_text(encoding="utf-8").split("\n\n"):
        name, *lines = block.split("\n")
        if name == os.path.basename(mail):
            print("\n".join(line[4:] for line in lines if line.startswith(kind)))
            return
    raise Fail(f"build/series/recipients does not have {os.path.basename(mail)}: make series recipients")
