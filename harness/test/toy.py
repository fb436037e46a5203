"""A toy kernel of a few files and a repository with a queue on it, for the tests of the harness."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

HARNESS = pathlib.Path(__file__).resolve().parent.parent
KERNEL = {
    "Makefile": "VERSION = 1\nPATCHLEVEL = 2\n",
    "Kconfig": "mainmenu \"toy\"\n",
    "MAINTAINERS": "List of maintainers\n",
    "kernel/dma/mapping.c": "".join(f"int line{i};\n" for i in range(40)),
    "kernel/dma/Makefile": "obj-y += mapping.o\n",
    "drivers/scsi/53c700.c": "".join(f"static int s{i};\n" for i in range(30)),
    "drivers/net/old.c": "int old;\n",
    "include/linux/dma.h": "int dma(void);\n",
}
ENV = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "QUEUE_", "LINUX_", "PYTHON"))}
ENV.update(GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1", LC_ALL="C.UTF-8")
for who in ("AUTHOR", "COMMITTER"):
    ENV.update({f"GIT_{who}_NAME": "A Developer", f"GIT_{who}_EMAIL": "dev@example.org"})


def make_tarball(path, files, compression="xz"):
    """A kernel tarball, the same bytes whenever it is made."""
    with tempfile.TemporaryDirectory() as folder:
        top = pathlib.Path(folder) / "linux-1.2"
        for name, text in files.items():
            file = top / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        def plain(info):
            info.mtime = 0
            return info
        with tarfile.open(path, f"w:{compression}") as tar:
            tar.add(top, "linux-1.2", filter=plain)


class Toy(unittest.TestCase):
    """Each test gets a repository with an empty queue in a folder of its own."""

    first = tempfile.TemporaryDirectory(prefix="queue-first-")

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="queue test "))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.top = self.folder / "repo"
        self.linux = self.top / "build/linux"
        self.tarball = self.top / "build/download/linux_1.2.orig.tar.xz"
        (self.top / "base").mkdir(parents=True)
        self.tarball.parent.mkdir(parents=True)
        make_tarball(self.tarball, KERNEL)
        self.pin()
        self.write(".gitignore", "/build/\n")
        self.write("series", "# table of contents\n")
        self.sh("git", "init", "-q", "-b", "main")
        self.clock = 0

    # The repository

    def pin(self, **more):
        fields = {"PACKAGE": "linux", "VERSION": "1.2-1", "SUITE": "old-security", "FILE": self.tarball.name,
                  "RELEASE": "1.2", "SHA256": hashlib.sha256(self.tarball.read_bytes()).hexdigest(), **more}
        self.write("base/source", "# the pin\n" + "".join(f"{key}={value}\n" for key, value in fields.items()))

    def path(self, name):
        return self.top / name

    def read(self, name):
        return self.path(name).read_text()

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def edit(self, name, old, new):
        text = self.read(name)
        self.assertIn(old, text)
        self.write(name, text.replace(old, new))

    def sh(self, *command, cwd=None, check=True, **env):
        done = subprocess.run(command, cwd=cwd or self.top, env={**ENV, **env}, capture_output=True, text=True,
                              check=False, stdin=subprocess.DEVNULL)
        if check and done.returncode:
            self.fail(f"{command}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout.strip() if check else done

    def harness(self, verb, *args, check=True, **env):
        script = HARNESS / verb
        # The interpreter by its own path: a wrapper in front of it would take most of the time.
        python = [sys.executable, "-S"] if b"python" in script.read_bytes()[:40] else []
        return self.sh(*python, str(script), *args, check=check, QUEUE_TOP=str(self.top), **env)

    def start(self):
        """The tree of the empty queue: made once, then copied."""
        first = pathlib.Path(self.first.name) / "linux"
        if first.exists():
            shutil.copytree(first, self.linux, symlinks=True)
        else:
            self.harness("tree")
            shutil.copytree(self.linux, first, symlinks=True)

    def snapshot(self):
        """All stored files with modes: what must not change behind the user's back."""
        return {str(path.relative_to(self.top)): (path.stat().st_mode, path.read_bytes())
                for path in sorted(self.top.rglob("*"))
                if path.is_file() and path.relative_to(self.top).parts[0] not in ("build", ".git")}

    def save(self):
        """Commit the repository as it is."""
        self.sh("git", "add", "-A")
        self.sh("git", "commit", "-q", "--allow-empty", "-m", "state")

    # build/linux

    def git(self, *args, check=True, **env):
        return self.sh("git", *args, cwd=self.linux, check=check, **env)

    def commit(self, subject, files=None, body="Because.\n", **env):
        """Commit in build/linux: files maps a path to its text, to (text, mode), or to None to remove it."""
        for name, text in (files or {}).items():
            path = self.linux / name
            if text is None:
                path.unlink()
                continue
            text, mode = text if isinstance(text, tuple) else (text, None)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            if mode:
                path.chmod(mode)
        self.git("add", "-A")
        self.clock += 60
        date = f"{1600000000 + self.clock} +0200"
        self.git("commit", "-q", "--allow-empty", "-m", f"{subject}\n\n{body}",
                 **{"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date, **env})

    def change(self, name, old, new):
        """A file of build/linux with one word replaced, for commit()."""
        text = (self.linux / name).read_text()
        self.assertIn(old, text)
        return {name: text.replace(old, new)}

    def series(self):
        return [line for line in self.read("series").splitlines() if line and not line.startswith("#")]

    # What the tests claim

    def round_trip(self):
        """refresh, then a tree from the stored files alone: same tree, same messages, same stored bytes."""
        form = "--format=%T %an <%ae> %ad%n%B"
        before = self.git("log", form)
        self.harness("refresh")
        self.assertEqual(self.git("status", "--porcelain"), "")
        tip = self.git("rev-parse", "HEAD")
        stored = self.snapshot()
        shutil.rmtree(self.linux)
        self.harness("tree")
        self.assertEqual(self.git("rev-parse", "HEAD"), tip)
        self.assertEqual(self.git("log", form), before)
        self.harness("refresh")
        self.assertEqual(self.snapshot(), stored)
        return stored

    def refused(self, verb, *words, args=(), **env):
        """The verb fails with one line that names the thing, and changes nothing that is stored."""
        stored = self.snapshot()
        built = self.git("rev-parse", "HEAD") if self.linux.exists() else None
        work = self.git("status", "--porcelain") if built else None
        done = self.harness(verb, *args, check=False, **env)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        lines = [line for line in done.stderr.splitlines() if line.startswith(verb.split("/")[-1] + ": ")
                 or line.startswith("fetch: ")]
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        for word in words:
            self.assertIn(word, lines[0])
        self.assertEqual(self.snapshot(), stored)
        self.assertEqual(self.linux.exists(), built is not None)
        if built:
            self.assertEqual(self.git("rev-parse", "HEAD"), built)
            self.assertEqual(self.git("status", "--porcelain"), work)
        return lines[0]


