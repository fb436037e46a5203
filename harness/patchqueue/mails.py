"""build/series: the complete series as numbered mails, for `git am` and for quilt."""

import os
import shutil

from .common import BUILD, TOP, Fail, git, say, scratch
from .export import FORMAT

SERIES = BUILD / "series"


def cover_letter(folder, text):
    """Mail 0: git makes it with diffstat and shortlog, and leaves two marks for our words."""
    subject, _, body = text.strip("\n").partition("\n")
    if not subject.isascii():
        raise Fail("cover-letter: its first line is the subject, in plain ASCII")
    path = folder / "0000-cover-letter.patch"
    mail = path.read_text(encoding="utf-8")
    mail = mail.replace("*** SUBJECT HERE ***", subject, 1)
    head, _, rest = mail.partition("\n\n")
    if not body.isascii() and "Content-Type:" not in head:
        head += ("\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
                 "Content-Transfer-Encoding: 8bit")
    rest = rest.replace("*** BLURB HERE ***", body.strip("\n"), 1)
    path.write_text(f"{head}\n\n{rest}", encoding="utf-8")


def write_mails(folder, first, last, cover=None):
    """The mails of a range and the quilt series that lists them."""
    folder.mkdir()
    cover = cover if first != last else None
    # The cover letter is from the author of the last patch, at that time: a second run makes the same bytes.
    who, mail, date = git("log", "-1", "--format=%an%n%ae%n%aD", last).split("\n")
    env = {"GIT_COMMITTER_NAME": who, "GIT_COMMITTER_EMAIL": mail, "GIT_COMMITTER_DATE": date}
    options = [option for option in FORMAT if option != "-N"] + ["-n"]
    git("format-patch", *options, "--cover-letter" if cover else "--no-cover-letter",
        "--cover-from-description=none", "-o", folder, f"{first}..{last}", env=env)
    if cover:
        cover_letter(folder, cover)
    names = sorted(path.name for path in folder.iterdir())
    (folder / "series").write_text("".join(f"{name}\n" for name in names if not name.startswith("0000-")))


def write_series(built, release):
    """build/series, complete or as it was."""
    cover = TOP / "cover-letter"
    if not cover.exists():
        say("series: no file cover-letter, so no mail 0000")
    with scratch("series") as folder:
        new = folder / "series"
        write_mails(new, built.base, built.tip, cover.read_text(encoding="utf-8") if cover.exists() else None)
        write_mails(new / "base", release, built.base)
        if SERIES.exists():
            os.rename(SERIES, folder / "old")
        os.rename(new, SERIES)
    shutil.rmtree(folder, ignore_errors=True)
