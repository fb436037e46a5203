"""Commits -> the stored form: what refresh writes, and what lint compares with the stored files."""

import collections
import dataclasses
import re

from . import stored
from .common import TOP, Fail, git, git_bytes, scratch

# All that could change a byte between two machines is pinned here or in common.CONFIG.
FORMAT = ["--full-index", "--zero-commit", "--no-signature", "--no-renames", "-N", "--no-base", "--no-thread",
          "--no-attach", "--no-notes", "--no-color", "--no-ext-diff", "--no-textconv", "--unified=3",
          "--subject-prefix=PATCH", "--src-prefix=a/", "--dst-prefix=b/", "--stat=72", "--summary", "--patch"]
NAME_MAX = 60


@dataclasses.dataclass
class Plan:
    """What the repository has to hold for a range of commits."""
    files: dict         # path -> (content, executable)
    removed: set        # stored before, and no longer

    def read(self, path):
        if path not in self.files:
            raise Fail(f"{path}: not among the files to write")
        return self.files[path][0]

    def differing(self):
        """The files to write that are not on disk as they should be."""
        paths = []
        for path, (text, executable) in self.files.items():
            disk = TOP / path
            if not (disk.is_file() and disk.read_bytes() == text
                    and bool(disk.stat().st_mode & 0o100) == executable):
                paths.append(path)
        return sorted(paths) + sorted(path for path in self.removed if (TOP / path).exists())


def check_linear(first, last):
    """Only plain commits become mails."""
    log = git("log", "--reverse", "--format=%H %T %P%x09%s", f"{first}..{last}")
    tree = git("rev-parse", f"{first}^{{tree}}")
    for line in filter(None, log.split("\n")):
        ids, _, subject = line.partition("\t")
        commit, new_tree, *parents = ids.split()
        if len(parents) != 1:
            raise Fail(f"{commit[:12]} ('{subject}') is a merge: rebase it away")
        if new_tree == tree:
            raise Fail(f"{commit[:12]} ('{subject}') is empty: drop it")
        tree = new_tree


def mails(first, last):
    """The complete mails of a range."""
    check_linear(first, last)
    with scratch("mails") as folder:
        git("format-patch", *FORMAT, "--numbered-files", "-o", folder, f"{first}..{last}")
        names = sorted((int(path.name), path) for path in folder.iterdir())
        return [stored.parse_mail(path.read_bytes()) for _, path in names]


def blobs(commit, paths):
    """The contents of files at a commit."""
    if not paths:
        return {}
    out = git_bytes("cat-file", "--batch", data="".join(f"{commit}:{path}\n" for path in paths).encode())
    found, start = {}, 0
    for path in paths:
        end = out.index(b"\n", start)
        kind = out[start:end].split(b" ")
        if len(kind) != 3:
            start = end + 1     # not there: it was deleted again
            continue
        size = int(kind[2])
        found[path] = out[end + 1:end + 1 + size]
        start = end + size + 2
    return found


def slug(subject, whole):
    """A file name from a subject; without its first prefix, which the folder says."""
    text = subject if whole else re.sub(r"^\S+: +", "", subject)
    words = re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-")
    if len(words) > NAME_MAX - len(".patch"):
        words = words[:NAME_MAX - len(".patch") + 1].rpartition("-")[0] or words[:NAME_MAX - len(".patch")]
    return (words or "patch") + ".patch"


def main_folder(mail):
    """The folder of the file in which a mail changes most lines; documents follow the code that they are about."""
    def size(section):
        lines = len(re.findall(rb"^[-+]", section.text.partition(b"\n@@ ")[2], re.M))
        return not section.path.startswith("Documentation/"), lines
    return max(mail.sections, key=size).path.rpartition("/")[0]


def match(old, new):
    """For each new mail the index of the stored patch that it continues, and whether it keeps its name."""
    taken, chosen = set(), []
    for mail in new:
        same = [i for i, patch in enumerate(old) if i not in taken and patch.mail.subject == mail.subject]
        chosen.append(same[0] if same else None)
        taken.update(same[:1])
    kept = [index is not None for index in chosen]
    before = -1
    for number, index in enumerate(chosen):
        # No such subject was stored: was the one that followed the same patch reworded into it?
        if index is None and before is not None and before + 1 < len(old) and before + 1 not in taken:
            chosen[number] = before + 1
            taken.add(before + 1)
        before = chosen[number]
    return list(zip(chosen, kept))


def name_patches(part, old, new):
    """Give every mail its path: [(stored path that it continues or None, path)]."""
    matches = match(old, new)
    folders = {}        # subject prefix -> folder
    for (index, kept), mail in zip(matches, new):
        if kept:
            folders.setdefault(mail.subject.rpartition(": ")[0], old[index].path.rpartition("/")[0])
    stays = {old[index].path for index, kept in matches if kept}
    named, seen = [], {}
    for (index, kept), mail in zip(matches, new):
        before = old[index].path if index is not None else None
        if kept:
            path = before
        else:
            prefix = mail.subject.rpartition(": ")[0]
            folder = "base" if part == "base" else (
                before.rpartition("/")[0] if before else folders.setdefault(prefix, main_folder(mail)))
            # Two drivers of a folder may get the same words: the prefixes tell them apart.
            for whole in (part == "base", True):
                path = f"{folder}/{slug(mail.subject, whole)}".lstrip("/")
                if path not in seen and path not in stays:
                    break
        if path in seen:
            raise Fail(f"'{seen[path]}' and '{mail.subject}' would both be {path}: reword one")
        seen[path] = mail.subject
        named.append((before, path))
    return named


def rewrite_series(text, named):
    """A series file with new entries: comments stay with the entry that follows them."""
    units = list(stored.series_lines(text))
    if [entry for _, entry in units[:-1]] == [path for _, path in named]:
        return text
    alive = {before for before, _ in named}
    blocks, pending = {}, []
    for block, entry in units:
        pending += [line.rstrip("\n") + "\n" for line in block]
        if entry in alive or entry is None:
            blocks[entry], pending = pending, []
    tail = blocks.pop(None)
    lines = [line for before, path in named for line in [*blocks.get(before, []), path + "\n"]]
    return "".join(lines + tail).encode()


def stored_form(mail, overlay):
    return mail.head + b"".join(section.text for section in mail.sections if section.path not in overlay)


def new_files(mail_list):
    """The files that the series creates (path -> mode), and which of them are overlays."""
    touches = collections.Counter(section.path for mail in mail_list for section in mail.sections)
    created, overlay = {}, set()
    for mail in mail_list:
        for section in mail.sections:
            if not section.mode:
                continue
            if stored.ours(section.path):
                raise Fail(f"'{mail.subject}' creates {section.path}: that path belongs to the queue itself")
            created[section.path] = section.mode
            plain = section.mode in stored.OVERLAY_MODES and b"\nGIT binary patch\n" not in section.text
            if plain and touches[section.path] == 1:
                overlay.add(section.path)
    return created, overlay


def executable_at(commit, paths):
    lines = git_bytes("ls-tree", "-z", commit, "--", *paths).split(b"\0")[:-1] if paths else []
    return {line.partition(b"\t")[2].decode() for line in lines if line.startswith(b"100755 ")}


def plan(release, base, tip, read=stored.read_disk):
    """The stored form of release..base and base..tip, with the names that are stored already."""
    files, before = {}, set()
    for part, first, last in (("base", release, base), ("series", base, tip)):
        old, new = stored.load(part, read), mails(first, last)
        created, overlay = ({}, set()) if part == "base" else new_files(new)
        named = name_patches(part, old, new)
        for (_, path), mail in zip(named, new):
            files[path] = (stored_form(mail, overlay), False)
        ends = blobs(tip, sorted(created))
        executable = executable_at(tip, sorted(ends))
        for path, text in ends.items():
            files[path] = (text, path in executable)
        before.update(patch.path for patch in old)
        if part == "series":
            before.update(path for patch in old for path in patch.mail.creates if not stored.ours(path))
        strip = len("base/") if part == "base" else 0
        text = stored.series_text(part, read)
        new_text = rewrite_series(text, [(old_path and old_path[strip:], path[strip:]) for old_path, path in named])
        if new_text or text:
            files[stored.SERIES[part]] = (new_text, False)
    return Plan(files, before - files.keys())
