"""Installs everything into a folder, has systemd judge the units there, and takes it away again: units.py FOLDER REPOSITORY BINARIES.
Ends at the first surprise."""

import os
import pathlib
import re
import subprocess
import sys

FOLDER, REPOSITORY, BINARIES = map(pathlib.Path, sys.argv[1:])
PREFIX = FOLDER / "installed"
# systemd-analyze(1): 1.5 is what the project allows; the scale ends at 10.
MOST_EXPOSED = 1.5


def make(target):
    subprocess.run(
        ["make", "-s", "-C", REPOSITORY, target, f"PREFIX={PREFIX}", f"BINARIES={BINARIES}"], check=True
    )


def judge(*arguments, **settings):
    environment = os.environ | {"SYSTEMD_COLORS": "0", "XDG_RUNTIME_DIR": str(FOLDER), **settings}
    command = ["systemd-analyze", "--no-pager", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def units(manager):
    return sorted((PREFIX / "lib/systemd" / manager).iterdir())


def are_valid():
    """What the units name exists, and each setting is understood."""
    for manager, options in (("system", []), ("user", ["--user"])):
        # The colon keeps the machine's own units beside ours.
        verdict = judge("verify", *options, *units(manager), SYSTEMD_UNIT_PATH=f"{PREFIX}/lib/systemd/{manager}:")
        assert verdict.returncode == 0 and not verdict.stdout + verdict.stderr, verdict


def are_confined():
    for unit in units("system") + units("user"):
        if unit.suffix == ".service":
            report = judge("security", "--offline=true", unit).stdout
            exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", report).group(1))
            assert exposure <= MOST_EXPOSED, report


def make_a_user_and_a_folder():
    """In a system of its own: what the units say of both is there afterwards."""
    root = FOLDER / "system"
    (root / "etc").mkdir(parents=True)
    for tool, options in (("sysusers", []), ("tmpfiles", ["--create"])):
        settings = PREFIX / f"lib/{tool}.d/stsbroker.conf"
        subprocess.run([f"systemd-{tool}", f"--root={root}", *options, settings], check=True)
    assert "stsbrokerd:" in (root / "etc/passwd").read_text()
    assert (root / "run/stsbrokerd").stat().st_mode & 0o777 == 0o755


make("install")
are_valid()
make_a_user_and_a_folder()
are_confined()
configuration = PREFIX / "share/doc/stsbroker/examples/stsbrokerd-host.yaml"
subprocess.run([PREFIX / "bin/stsbrokerd", "--check-config", "--config", configuration], check=True)
make("uninstall")
left = [path for path in PREFIX.rglob("*") if not path.is_dir()]
assert not left, left
