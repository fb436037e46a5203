"""What every verb needs: where things are, one way to fail, one way to call git, the lock."""

import contextlib
import fcntl
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

# QUEUE_TOP lets the tests work on a toy repository with this harness.
HARNESS = pathlib.Path(__file__).resolve().parent.parent
TOP = pathlib.Path(os.environ.get("QUEUE_TOP") or HARNESS.parent).resolve()
BUILD = TOP / "build"
LINUX = BUILD / "linux"
TMP = BUILD / "tmp"

# Whatever the user's configuration says, the bytes are the same for everyone.
# The cpp pattern is git's own: it moves between versions and names functions in hunk headers.
CONFIG = {
    "safe.directory": "*",
    "core.autocrlf": "false",
    "core.eol": "lf",
    "core.hooksPath": "/dev/null",
    "core.attributesFile": "/dev/null",
    "core.excludesFile": "/dev/null",
    "core.quotePath": "false",
    "core.fsmonitor": "false",
    "core.abbrev": "12",
    "commit.gpgSign": "false",
    "gc.auto": "0",
    "diff.algorithm": "myers",
    "diff.context": "3",
    "diff.interHunkContext": "0",
    "diff.indentHeuristic": "true",
    "diff.renames": "false",
    "diff.noprefix": "false",
    "diff.mnemonicPrefix": "false",
    "diff.suppressBlankEmpty": "false",
    "diff.orderFile": "/dev/null",
    "diff.cpp.xfuncname": "!^[ \t]*[A-Za-z_][A-Za-z_0-9]*:[[:space:]]*($|/[/*])\n"
                          "^((::[[:space:]]*)?[A-Za-z_].*)$",
    "format.attach": "",
    "format.coverLetter": "false",
    "format.from": "false",
    "format.headers": "",
    "format.notes": "false",
    "format.pretty": "medium",
    "format.signOff": "false",
    "format.suffix": ".patch",
    "format.thread": "false",
    "format.useAutoBase": "false",
    "format.encodeEmailHeaders": "true",
    "mailinfo.scissors": "false",
    "apply.whitespace": "nowarn",
    "am.keepcr": "false",
    "am.threeWay": "false",
    "i18n.commitEncoding": "UTF-8",
    "i18n.logOutputEncoding": "UTF-8",
}
IDENTITY = {"NAME": "patch queue", "EMAIL": "queue@localhost", "DATE": "2020-09-14T00:00:00+0000"}


class Fail(Exception):
    """What went wrong and what to do about it, in one line."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def git_env():
    """The environment for git: nothing of the user's, and not the GIT_DIR of a hook that calls us."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    env.update(GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1", GIT_ATTR_NOSYSTEM="1",
               LC_ALL="C.UTF-8", TZ="UTC")
    for who in ("AUTHOR", "COMMITTER"):
        env.update({f"GIT_{who}_{key}": value for key, value in IDENTITY.items()})
    return env


def run_git(*args, cwd=LINUX, data=None, env=None):
    """Run git; the finished process, output as bytes, whatever its exit code."""
    config = [word for key, value in CONFIG.items() for word in ("-c", f"{key}={value}")]
    return subprocess.run(["git", *config, *map(str, args)], cwd=cwd, input=data, check=False,
                          stdin=subprocess.DEVNULL if data is None else None,
                          capture_output=True, env={**git_env(), **(env or {})})


def git_bytes(*args, **options):
    done = run_git(*args, **options)
    if done.returncode:
        words = " ".join(done.stderr.decode(errors="replace").split())
        raise Fail(f"git {args[0]} failed in {options.get('cwd', LINUX)}: {words}")
    return done.stdout


def git(*args, **options):
    return git_bytes(*args, **options).decode(errors="surrogateescape").strip()


def resolve(name):
    """The commit that a name in build/linux stands for, or None."""
    done = run_git("rev-parse", "-q", "--verify", f"{name}^{{commit}}")
    return done.stdout.decode().strip() or None


def source():
    """base/source as a dictionary."""
    pin = {}
    path = TOP / "base/source"
    try:
        lines = path.read_text().splitlines()
    except OSError as error:
        raise Fail(f"base/source: {error.strerror}") from error
    for line in lines:
        key, is_pair, value = line.partition("=")
        if is_pair and not line.startswith("#"):
            pin[key.strip()] = value.strip()
    for key in ("FILE", "RELEASE", "SHA256"):
        if key not in pin:
            raise Fail(f"base/source has no line {key}=")
    return pin


def wait_for(file, kind):
    """Take a lock; who has it needs it for a minute or two at most."""
    deadline = time.monotonic() + float(os.environ.get("QUEUE_WAIT", "180"))
    said = False
    while True:
        try:
            return fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise Fail("another run is at work in build/ (it holds build/.lock): wait until it ends") from None
        if not said:
            say("waiting for another run in build/ (it holds build/.lock)")
            said = True
        time.sleep(0.2)


@contextlib.contextmanager
def lock(shared=False):
    """One run at a time; what only reads build/linux shares the lock. A script that we start has it through us."""
    BUILD.mkdir(exist_ok=True)
    if os.environ.get("QUEUE_LOCKED"):
        yield
        return
    with open(BUILD / ".lock", "a", encoding="ascii") as file:
        wait_for(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        os.environ["QUEUE_LOCKED"] = "1"
        if not shared:      # alone: what lies there was left by a run that was cut off
            shutil.rmtree(TMP, ignore_errors=True)
        TMP.mkdir(exist_ok=True)
        try:
            yield
        finally:
            del os.environ["QUEUE_LOCKED"]


@contextlib.contextmanager
def scratch(name):
    """A temporary folder below build/tmp that does not outlive its use."""
    TMP.mkdir(parents=True, exist_ok=True)
    path = pathlib.Path(tempfile.mkdtemp(prefix=name + "-", dir=TMP))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def uninterrupted():
    """A short step that Ctrl-C must not cut in two: the signal is delivered after it."""
    blocked = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, blocked)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def write_file(path, data, executable=False):
    """Write a file in one step: a reader, or a run that is cut off, never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(data)
    new.chmod(0o755 if executable else 0o644)
    new.replace(path)


def main(verb, function, *args):
    """Run a verb: its failures are one line on stderr and exit code 1."""
    try:
        sys.exit(function(*args))
    except Fail as error:
        say(f"{verb}: {error}")
        sys.exit(1)
    except subprocess.CalledProcessError as error:      # which said why
        say(f"{verb}: {pathlib.Path(str(error.cmd[0])).name} failed")
        sys.exit(1)
    except KeyboardInterrupt:
        say(f"{verb}: interrupted; the next run picks it up")
        sys.exit(130)
