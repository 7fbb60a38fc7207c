"""A copy of this machine's file system, for programs that change a whole system: what they write goes to memory, and what they tell
systemd is noted. Needs root and a mount namespace of its own."""

import pathlib
import stat
import subprocess

ROOT = pathlib.Path("/")
# Which accounts there are, and dpkg's own books.
BOOKS = ("etc/passwd", "etc/shadow", "etc/group", "etc/gshadow", "etc/.pwd.lock", "var/lib/dpkg/", "var/log/", "var/cache/")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class ScratchSystem:
    def __init__(self, folder):
        self.folder, self.root, self.layer = folder / "system", folder / "system/root", folder / "system/layer"

    def __enter__(self):
        self.folder.mkdir()
        self.mount("-t", "tmpfs", "scratch", self.folder)
        for name in ("root", "layer", "work"):
            (self.folder / name).mkdir()
        layers = f"lowerdir=/,upperdir={self.layer},workdir={self.folder}/work"
        self.mount("-t", "overlay", "-o", layers, "system", self.root)
        for name in ("dev", "proc"):
            self.mount("--rbind", f"/{name}", self.root / name)
        self.note_calls()
        self.given = self.written()
        return self

    def __exit__(self, *failure):
        subprocess.run(["umount", "--recursive", "--lazy", self.folder], check=True)

    def mount(self, *arguments):
        subprocess.run(["mount", *arguments], check=True)

    def note_calls(self):
        """A systemd that seems to run, whose systemctl only notes what it is called with, and no policy against services."""
        for name in ("run/systemd/system", "var/lib/private"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        (self.root / "usr/sbin/policy-rc.d").unlink(missing_ok=True)
        systemctl = self.root / "usr/local/sbin/systemctl"
        systemctl.write_text('#!/bin/sh\necho "$*" >>/run/calls\n')
        systemctl.chmod(0o755)
        self.calls = self.root / "run/calls"
        self.calls.touch()

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def run(self, *command):
        environment = {"PATH": PATH, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
        result = subprocess.run(["chroot", self.root, *command], capture_output=True, text=True, env=environment)
        assert result.returncode == 0, result
        return result.stdout

    def dpkg(self, *arguments):
        """What systemctl was told meanwhile. Other packages' triggers, such as the index of manual pages, are not ours to test."""
        self.calls.write_text("")
        self.run("dpkg", "--no-triggers", "--force-unsafe-io", *arguments)
        return self.calls.read_text().splitlines()

    def account(self, name):
        return self.run("getent", "passwd", name).strip().split(":")

    def written(self):
        """Files that were written since the beginning, and empty folders that were made. What was deleted is a character device."""
        paths = set()
        for path in self.layer.rglob("*"):
            place = path.relative_to(self.layer)
            is_folder = path.is_dir() and not path.is_symlink()
            if not stat.S_ISCHR(path.lstat().st_mode) and not (is_folder and (any(path.iterdir()) or (ROOT / place).is_dir())):
                paths.add(str(place))
        return paths

    def added(self):
        return {path for path in self.written() - self.given if not path.startswith(BOOKS)}
