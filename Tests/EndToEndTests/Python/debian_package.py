"""Makes Debian packages, and has dpkg install, upgrade, remove and purge them in a copy of this machine: debian_package.py FOLDER
REPOSITORY, as root, in a mount namespace of its own. Ends at the first surprise."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

from scratch_system import ScratchSystem

FOLDER, REPOSITORY = map(pathlib.Path, sys.argv[1:])
INSTALL = (REPOSITORY / "systemd/install").read_text()
STATE = ["var/lib/stsbrokerd", "var/lib/private/stsbroker-server"]
ENABLED = "etc/systemd/system/sockets.target.wants/stsbrokerd.socket"
OTHERS = ["etc/default/stsbrokerd", "var/lib/stsbroker-of-others/file"]
RESTART = "try-restart stsbrokerd.service stsbroker-server.service"
STOP = "stop stsbrokerd.socket stsbrokerd.service stsbrokerd-addresses.service stsbroker-server.service"


def stand_ins():
    """Small programs under our names: packing and judging those of a test build takes a minute, and would say nothing of the scripts."""
    folder = FOLDER / "built"
    folder.mkdir()
    for name in re.search('PROGRAMS="(.*)"', INSTALL).group(1).split():
        shutil.copy("/usr/bin/true", folder / name)
    return folder


def made(folder, *version):
    command = [REPOSITORY / "systemd/make-deb", FOLDER / "built", FOLDER / folder, *version]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result
    return pathlib.Path(result.stdout.strip())


def field(package, name):
    return subprocess.check_output(["dpkg-deb", "--field", package, name], text=True).strip()


def is_reproducible(package):
    os.utime(FOLDER / "built/stsbrokerd", (0, 0))
    assert package.read_bytes() == made("again").read_bytes()


def pleases_lintian(package):
    """As far as packing goes: whether there are manual pages is for what make install installs."""
    judge = ["lintian", "--allow-root", "--fail-on", "error,warning", "--suppress-tags", "no-manual-page", package]
    verdict = subprocess.run(judge, capture_output=True, text=True)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


def installs(system, package):
    calls = system.dpkg("--install", package)
    assert calls == ["--system daemon-reload"], calls
    account = system.account("stsbrokerd")
    assert account[5:] == ["/var/lib/stsbrokerd", "/usr/sbin/nologin"], account
    folder = (system.root / "run/stsbrokerd").stat()
    assert folder.st_mode & 0o777 == 0o755 and folder.st_uid == int(account[2]), folder
    listed = system.run("dpkg-query", "--listfiles", "stsbroker").split()
    # What was added is the package's own, and nothing of it is a setting: there are no conffiles, and no unit is enabled.
    added = system.added() - {"run/stsbrokerd"}
    assert added <= {path[1:] for path in listed} and all(path.startswith("usr/") for path in added), added
    assert {"usr/bin/stsbrokerd", "usr/lib/systemd/system/stsbrokerd.socket"} <= added


def becomes_used(system):
    """What an administrator and the services leave, and what only looks like it."""
    system.write("etc/stsbroker/stsbrokerd.yaml", "# mine\n")
    for folder in STATE:
        system.write(f"{folder}/kept", "kept\n")
    (system.root / "var/lib/stsbroker-server").symlink_to("private/stsbroker-server")
    (system.root / ENABLED).parent.mkdir(parents=True, exist_ok=True)
    (system.root / ENABLED).symlink_to("/usr/lib/systemd/system/stsbrokerd.socket")
    for path in OTHERS:
        system.write(path, "another's\n")


def keeps_what_is_used(system):
    assert (system.root / "etc/stsbroker/stsbrokerd.yaml").read_text() == "# mine\n"
    assert all((system.root / folder / "kept").exists() for folder in STATE)
    assert (system.root / ENABLED).is_symlink()


def upgrades(system, package):
    user = system.account("stsbrokerd")
    calls = system.dpkg("--install", package)
    assert calls == ["--system daemon-reload", RESTART], calls
    assert system.run("dpkg-query", "--show", "-f", "${Version} ${db:Status-Status}", "stsbroker") == "99 installed"
    assert system.account("stsbrokerd") == user
    keeps_what_is_used(system)


def is_removed(system):
    calls = system.dpkg("--remove", "stsbroker")
    assert calls == [STOP, "--system daemon-reload"], calls
    assert not any("stsbroker" in path for path in system.added() if path.startswith(("usr/", "run/"))), system.added()
    keeps_what_is_used(system)


def is_purged(system):
    calls = system.dpkg("--purge", "stsbroker")
    assert calls == ["--system daemon-reload"], calls
    assert system.added() == {*OTHERS, "var/lib/private/stsbroker-server/kept", "var/lib/stsbroker-server"}, system.added()
    assert system.account("stsbrokerd")


stand_ins()
first, second = made("packages"), made("packages", "99")
stated = re.search('text = "(.*)"', (REPOSITORY / "Sources/Daemon/Run/Version.swift").read_text()).group(1)
assert field(first, "Version").startswith(stated), first
assert "libc6" in field(first, "Depends") and "iproute2" in field(first, "Depends")
is_reproducible(first)
pleases_lintian(first)
with ScratchSystem(FOLDER) as system:
    installs(system, first)
    becomes_used(system)
    upgrades(system, second)
    is_removed(system)
    is_purged(system)
