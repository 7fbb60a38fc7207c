"""A systemd of a test's own: a copy of this machine's file system, booted in namespaces of its own. Needs root. As a program it is what
runs there first: booted_system.py FOLDER REPOSITORY BINARIES."""

import os
import pathlib
import subprocess
import sys
import time

NAMESPACES = ["--mount", "--pid", "--cgroup", "--uts", "--ipc", "--net"]
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What programs may expect in /dev; the rest of this machine's is not theirs.
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")


class BootedSystem:
    """With the product installed into /usr. `run` runs commands there."""

    def __init__(self, folder, repository, binaries):
        command = ["unshare", *NAMESPACES, "--fork", "--kill-child", sys.executable, "-B", __file__, folder, repository, binaries]
        self.log = folder / "boot.log"
        self.process = subprocess.Popen(command, stdout=open(self.log, "w"), stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def __enter__(self):
        self.awaited(self.is_running, "booted")
        return self

    def __exit__(self, *_):
        # Its first process takes all others with it.
        self.process.kill()
        self.process.wait()

    def is_running(self):
        assert self.process.poll() is None, self.log.read_text()
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        if not children or pathlib.Path(f"/proc/{children[0]}/comm").read_text() != "systemd\n":
            return False
        self.first = children[0]
        return self.tried("systemctl", "is-system-running").stdout.strip() in ("running", "degraded")

    def tried(self, *command, **environment):
        enter = ["nsenter", "--target", self.first, "--mount", "--pid", "--cgroup", "--uts", "--ipc", "--net", "--"]
        return subprocess.run(
            [*enter, *command], capture_output=True, text=True, stdin=subprocess.DEVNULL,
            env={"PATH": PATH, "HOME": "/root", "LC_ALL": "C.UTF-8", "SYSTEMD_COLORS": "0", **environment})

    def run(self, *command, **environment):
        result = self.tried(*command, **environment)
        assert result.returncode == 0, (result, self.journal())
        return result.stdout

    def journal(self):
        lines = self.tried("journalctl", "--no-pager", "--output=cat", "--unit=stsbroker*").stdout.splitlines()
        return "\n".join([line for line in lines if "request answered" not in line][-25:])

    def shown(self, unit, name):
        return self.run("systemctl", "show", "--property", name, "--value", unit).strip()

    def awaited(self, condition, what, patience=60):
        until = time.monotonic() + patience
        while not (found := condition()):
            assert time.monotonic() < until, (what, self.log.read_text(), self.journal())
            time.sleep(0.1)
        return found


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def prepare(folder, repository, binaries):
    """The root of the new system, in which all that is written goes to memory."""
    mount("--make-rprivate", "/")
    scratch = folder / "system"
    scratch.mkdir()
    mount("-t", "tmpfs", "scratch", scratch)
    for name in ("root", "layer", "work"):
        (scratch / name).mkdir()
    root = scratch / "root"
    mount("-t", "overlay", "-o", f"lowerdir=/,upperdir={scratch}/layer,workdir={scratch}/work", "system", root)
    (root / "etc/fstab").write_text("")
    subprocess.run(
        ["make", "-s", "-C", repository, "install", f"DESTDIR={root}", "PREFIX=/usr", f"BINARIES={binaries}"], check=True)
    mount("--rbind", repository, f"{root}{repository}")
    for kind, place in (("proc", "proc"), ("tmpfs", "run"), ("tmpfs", "dev")):
        mount("-t", kind, kind, root / place)
    # The kernel's settings are this machine's: not to be written from there.
    mount("-t", "sysfs", "-o", "ro", "sysfs", root / "sys")
    mount("-t", "cgroup2", "cgroup2", root / "sys/fs/cgroup")
    mount("--bind", "-o", "ro", root / "proc/sys", root / "proc/sys")
    for name in DEVICES:
        (root / "dev" / name).touch()
        mount("--bind", f"/dev/{name}", root / "dev" / name)
    for name in ("shm", "pts"):
        (root / "dev" / name).mkdir()
    mount("-t", "devpts", "-o", "newinstance,ptmxmode=0666", "devpts", root / "dev/pts")
    (root / "dev/ptmx").symlink_to("pts/ptmx")
    return root


def boot(root):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    os.chdir(root)
    (root / "before").mkdir()
    subprocess.run(["pivot_root", ".", "before"], check=True)
    subprocess.run(["umount", "--lazy", "/before"], check=True)
    # systemd hands credentials to services by mounts that spread.
    mount("--make-rshared", "/")
    os.execve(
        "/lib/systemd/systemd",
        ["systemd", "--system", "--unit=basic.target", "--show-status=false", "--log-target=journal"],
        {"PATH": PATH, "container": "stsbroker-tests"})


if __name__ == "__main__":
    boot(prepare(*map(pathlib.Path, sys.argv[1:])))
