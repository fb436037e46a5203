"""The stored side: the two `series` files and the patches that they list.

A stored patch is a mail of `git format-patch`. Its " create mode" lines name every file that it
creates. A created file that has no diff in the mail is an overlay: its content is the plain file
at that path of the repository.
"""

import dataclasses
import email
import email.policy
import re

from .common import TOP, Fail

SERIES = {"base": "base/series", "series": "series"}
# What belongs to this repository and not to the kernel, beside all files of the top folder.
OUR_FOLDERS = {".ci", ".git", "base", "build", "harness"}
OVERLAY_MODES = {"100644", "100755"}
CREATE = re.compile(rb"^ create mode (\d{6}) (.+)$", re.M)


@dataclasses.dataclass
class Section:
    """The diff of one file in a mail."""
    path: str
    text: bytes
    old: str            # blob ids and mode; an id of zeros: no file
    new: str
    mode: str | None    # of a created file


@dataclasses.dataclass
class Mail:
    head: bytes         # everything before the first diff
    creates: dict       # path -> mode
    sections: list

    @property
    def subject(self):
        """The subject, decoded and without the tag in brackets."""
        text = str(email.message_from_bytes(self.head, policy=email.policy.default)["Subject"] or "")
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        return re.sub(r"^\[PATCH[^]]*\] *", "", text)

    def overlay(self):
        """The files that the mail names and leaves out, with their modes."""
        carried = {section.path for section in self.sections}
        return {path: mode for path, mode in self.creates.items() if path not in carried}


@dataclasses.dataclass
class Patch:
    path: str           # of the patch, below the repository
    part: str           # "base" or "series"
    text: bytes
    mail: Mail


def ours(path):
    """Is this a path of the repository that can never be one of the kernel tree?"""
    return "/" not in path or path.split("/")[0] in OUR_FOLDERS or path.endswith(".patch")


def read_disk(path):
    """A stored file. refresh gives the functions here a reader of files that are not written yet."""
    try:
        return (TOP / path).read_bytes()
    except OSError as error:
        raise Fail(f"{path}: {error.strerror}") from error


def parse_section(text):
    head = text.split(b"\n@@ ")[0].split(b"\nGIT binary patch")[0].decode(errors="surrogateescape")
    first = head.split("\n")[0]
    names = first[len("diff --git "):]
    # "a/PATH b/PATH": without renames both are the same.
    path = names[2:len(names) // 2]
    if names != f"a/{path} b/{path}":
        raise Fail(f"a diff of a renamed file, or of a name that needs quotes: {first}")
    ids = re.search(r"^index ([0-9a-f]+)\.\.([0-9a-f]+)", head, re.M)
    mode = re.search(r"^new file mode (\d+)", head, re.M)
    old, new = ids.groups() if ids else ("", "")
    return Section(path, text, old, new, mode and mode.group(1))


def parse_mail(text):
    # A line of a hunk starts with " ", "+", "-" or "\", so these are the diffs and nothing else.
    starts = [match.start() for match in re.finditer(rb"^diff --git ", text, re.M)] + [len(text)]
    head = text[:starts[0]]
    notes = head.partition(b"\n---\n")[2]
    creates = {path.decode(): mode.decode() for mode, path in CREATE.findall(notes)}
    sections = [parse_section(text[start:end]) for start, end in zip(starts, starts[1:])]
    for section in sections:
        if section.mode:
            creates[section.path] = section.mode
    return Mail(head, creates, sections)


def series_lines(text):
    """Split a series file in (lines before an entry, entry); what follows the last has entry None."""
    block = []
    for line in text.decode().splitlines(keepends=True):
        entry = line.strip()
        if entry and not entry.startswith("#"):
            yield block, entry
            block = []
        else:
            block.append(line)
    yield block, None


def series_text(part, read=read_disk):
    """A series file; a queue that starts has none yet."""
    try:
        return read(SERIES[part])
    except Fail:
        return b""


def entries(part, read=read_disk):
    """The patches that a series file lists, as paths below the repository."""
    name = SERIES[part]
    paths = []
    for _, entry in series_lines(series_text(part, read)):
        if entry is None:
            continue
        path = f"base/{entry}" if part == "base" else entry
        if not entry.endswith(".patch") or entry.startswith("/") or ".." in entry.split("/"):
            raise Fail(f"{name}: '{entry}' is not the path of a .patch file")
        if path in paths:
            raise Fail(f"{name} lists {entry} twice: remove one of the lines")
        paths.append(path)
    return paths


def load(part, read=read_disk):
    """The patches of a part, in order."""
    patches = []
    for path in entries(part, read):
        try:
            text = read(path)
        except Fail as error:
            raise Fail(f"{SERIES[part]} lists {path}, which cannot be read: restore the file or remove the line"
                       ) from error
        try:
            mail = parse_mail(text)
        except Fail as error:
            raise Fail(f"{path}: {error}") from error
        patches.append(Patch(path, part, text, mail))
    return patches


def load_all(read=read_disk):
    return load("base", read) + load("series", read)
