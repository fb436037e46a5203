"""Stored patches -> commits, without touching build/linux's work tree, index or refs.

The commits are what `git am` would make of the complete mails, with the author as the committer,
so that their ids are the same wherever they are made. A private index holds only the files that
the patches touch; git fast-import makes the trees from it.
"""

import dataclasses
import re

from . import stored
from .common import LINUX, Fail, git_bytes, resolve, run_git, scratch


@dataclasses.dataclass
class Built:
    base: str           # the last commit of base/
    tip: str            # the last commit of series
    commits: list       # (patch, commit)
    stale: list         # end states in the repository that are not what the patches make


class Workshop:
    """A git folder of its own, with an index and refs of its own, on the objects of build/linux."""

    def __init__(self, folder):
        self.folder = folder
        self.env = {"GIT_DIR": str(folder / "git"), "GIT_OBJECT_DIRECTORY": str(LINUX / ".git/objects")}
        self.git("init", "-q", "--bare", "--template=", folder / "git")

    def run(self, *args, data=None):
        return run_git(*args, cwd=self.folder, data=data, env=self.env)

    def git(self, *args, data=None):
        return git_bytes(*args, cwd=self.folder, data=data, env=self.env)

    def files(self):
        """The index: path -> (mode, blob)."""
        found = {}
        for line in self.git("ls-files", "-s", "-z").split(b"\0")[:-1]:
            info, path = line.split(b"\t", 1)
            mode, blob, _ = info.decode().split()
            found[path.decode(errors="surrogateescape")] = (mode, blob)
        return found

    def add(self, files):
        """Bring files into the index: path -> (mode, blob)."""
        self.git("update-index", "-z", "--index-info", data=b"".join(
            f"{mode} {blob}\t{path}\0".encode(errors="surrogateescape") for path, (mode, blob) in files.items()))


def files_at(commit, paths, tree=LINUX):
    """Those of the paths that a commit has: path -> (mode, blob)."""
    if not paths:
        return {}
    found = {}
    for line in git_bytes("ls-tree", "-z", commit, "--", *sorted(paths), cwd=tree).split(b"\0")[:-1]:
        info, path = line.split(b"\t", 1)
        mode, kind, blob = info.decode().split()
        if kind != "tree":
            found[path.decode(errors="surrogateescape")] = (mode, blob)
    return found


def touched(patches):
    return {path for patch in patches
            for path in [*patch.mail.creates, *(section.path for section in patch.mail.sections)]}


def stripspace(text):
    """Clean a message as git does: no spaces at the ends, no empty lines in a row."""
    text = b"\n".join(line.rstrip() for line in text.split(b"\n"))
    return re.sub(rb"\n{3,}", b"\n\n", text).strip(b"\n") + b"\n"


def read_mail(shop, patch):
    """What `git am` takes from a mail: the author, the date, the message, the diff."""
    info = shop.git("mailinfo", "--encoding=UTF-8", shop.folder / "message", shop.folder / "diff", data=patch.text)
    fields = {}
    for line in info.split(b"\n"):
        key, _, value = line.partition(b": ")
        fields[key] = fields[key] + b"\n" + value if key in fields else value
    for key in (b"Author", b"Email", b"Date", b"Subject"):
        if not fields.get(key):
            raise Fail(f"{patch.path} is not a mail: it names no {key.decode().lower()}")
    body = (shop.folder / "message").read_bytes()
    message = stripspace(fields[b"Subject"] + b"\n\n" + body)
    return fields, message, (shop.folder / "diff").read_bytes()


def apply(shop, patch, diff, read, before):
    """Bring a patch and its overlay files into the index, which has the files `before`; what it has then."""
    present, overlay = before, {}
    if patch.mail.sections:
        done = shop.run("apply", "--cached", "-", data=diff)
        if done.returncode:
            errors = done.stderr.decode(errors="replace").replace("error: ", "").split("\n")
            raise Fail(f"{patch.path} does not apply: {'; '.join(filter(None, errors))}")
        present = shop.files()
    for path, mode in patch.mail.overlay().items():
        if patch.part == "base" or stored.ours(path) or mode not in stored.OVERLAY_MODES:
            raise Fail(f"{patch.path} creates {path} (mode {mode}), which cannot be taken from the repository")
        if path in present:
            raise Fail(f"{patch.path} creates {path}, which is there already")
        try:
            text = read(path)
        except Fail as error:
            raise Fail(f"{patch.path} creates {path}, and the repository has no such file: restore it, or edit the "
                       f"patch") from error
        overlay[path] = (mode, shop.git("hash-object", "-w", "--stdin", data=text).decode().strip())
    if overlay:
        shop.add(overlay)
    return {**present, **overlay}


def import_commit(number, parent, fields, message, before, after):
    """A commit in the language of git fast-import."""
    who = b"%s <%s> %s" % (fields[b"Author"], fields[b"Email"], fields[b"Date"])
    lines = [b"commit refs/heads/queue", b"mark :%d" % number, b"author " + who, b"committer " + who,
             b"data %d" % len(message), message + b"from " + parent]
    for path in before.keys() - after.keys():
        lines.append(b"D " + path.encode(errors="surrogateescape"))
    for path in sorted(after):
        if before.get(path) != after[path]:
            mode, blob = after[path]
            lines.append(f"M {mode} {blob} {path}".encode(errors="surrogateescape"))
    return b"\n".join(lines) + b"\n\n"


def build(read=stored.read_disk):
    """Make the commits of all stored patches."""
    patches = stored.load_all(read)
    release = resolve("release")
    with scratch("commits") as folder:
        shop = Workshop(folder)
        start = files_at(release, touched(patches))
        shop.add(start)
        before, parent, stream = start, release.encode(), []
        for number, patch in enumerate(patches, 1):
            fields, message, diff = read_mail(shop, patch)
            after = apply(shop, patch, diff, read, before)
            if after == before:
                raise Fail(f"{patch.path} changes nothing")
            stream.append(import_commit(number, parent, fields, message, before, after))
            before, parent = after, b":%d" % number
        shop.git("fast-import", "--quiet", "--date-format=rfc2822", f"--export-marks={folder / 'marks'}",
                 data=b"".join(stream))
        marks = dict(line.split() for line in (folder / "marks").read_text().splitlines())
        stale = stale_ends(shop, patches, before, read)
    commits = [(patch, marks[f":{number}"]) for number, patch in enumerate(patches, 1)]
    base = [commit for patch, commit in commits if patch.part == "base"]
    return Built(base[-1] if base else release, commits[-1][1] if commits else release, commits, stale)


def stale_ends(shop, patches, end, read):
    """Created files that the patches carry in full, where the repository's copy is not the end state."""
    stale = []
    for patch in patches:
        if patch.part == "base":
            continue
        for path in patch.mail.creates.keys() & {section.path for section in patch.mail.sections}:
            if path not in end:
                continue
            try:
                text = read(path)
            except Fail:
                continue    # refresh writes it; lint asks for it
            blob = shop.git("hash-object", "--stdin", data=text).decode().strip()
            if blob != end[path][1]:
                stale.append((patch.path, path))
    return stale


def check_release(patches, tree=LINUX):
    """What shows that the unpacked release is not the one that the patches were made for."""
    found = files_at("release", touched(patches), tree)
    seen, wrong = set(), []
    for patch in patches:
        sections = {section.path: section for section in patch.mail.sections}
        for path in [*sections, *patch.mail.overlay()]:
            if path in seen:
                continue
            seen.add(path)
            old = "" if path in patch.mail.creates else sections[path].old
            have = found.get(path, ("", ""))[1]
            # A patch that changes only the mode names no blob.
            if path in patch.mail.creates and have:
                wrong.append(f"{path} (there already, {have}; {patch.path} creates it)")
            elif old and (not have or not have.startswith(old)):
                wrong.append(f"{path} (is {have or 'missing'}, {patch.path} needs {old})")
    return wrong
