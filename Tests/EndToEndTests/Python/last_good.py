"""A daemon that keeps credentials on disk serves them after a restart while the broker is down, and never what was spoilt, dropped or of
an earlier boot. Wants the sandbox's `env` and a scratch folder. Ends at the first surprise."""

import json
import pathlib
import stat
import subprocess
import sys

from faults.own_daemon import OwnDaemon
from own_broker import OwnBroker, awaited

SCRATCH = pathlib.Path(sys.argv[1])


class CachingDaemon(OwnDaemon):
    """Bound to what `binding` says."""

    binding = "boot"

    @property
    def state(self):
        return SCRATCH / f"state-{self.binding}"

    def _text_of(self, *settings):
        return json.dumps(json.loads(super()._text_of(*settings)) | {
            "state_directory": str(self.state), "credential_cache": self.binding})

    def restarted(self):
        self.kill()
        return self.start()

    def stsbroker(self, *arguments, status=0):
        result = subprocess.run(
            ["stsbroker", *arguments, "--socket", self.control], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert result.returncode == status, (arguments, result, self.log.read_text())
        return result.stdout

    def served(self, status=0):
        text = self.stsbroker("credential-process", "readonly", status=status)
        return json.loads(text) if status == 0 else None

    def file(self):
        """Once it is written, which the daemon does behind the answer."""
        awaited(lambda: list(self.state.glob("*.credentials")), "kept")
        [file] = self.state.glob("*.credentials")
        return file

    def is_without_file(self):
        return not list(self.state.glob("*.credentials"))


class MachineDaemon(CachingDaemon):
    binding = "machine"


class ListingDaemon(CachingDaemon):
    """Offers what the broker lists; a role of its file is for another policy."""

    @property
    def state(self):
        return SCRATCH / "state-listed"


def outlives(broker, daemon):
    before = daemon.served()
    file = daemon.file()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for name in ("SecretAccessKey", "SessionToken", "AccessKeyId"):
        assert before[name].encode() not in file.read_bytes(), name
    broker.kill()
    daemon.restarted()
    assert daemon.served() == before, "other credentials"
    assert "kept credentials restored" in daemon.log.read_text()
    # The broker's absence is told, and takes nothing away.
    daemon.restarted()
    assert daemon.served() == before


def refused(daemon):
    file = daemon.file()
    good = file.read_bytes()
    file.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    daemon.restarted()
    assert "kept credentials refused" in daemon.log.read_text() and file.name in daemon.log.read_text()
    assert not file.exists() and file.with_name(file.name + ".unusable").exists()
    daemon.served(status=6)

    # The first line says of which boot it is.
    line, _, rest = good.partition(b"\n")
    file.touch(0o600)
    file.write_bytes(line[:-1] + (b"0" if line[-1:] != b"0" else b"1") + b"\n" + rest)
    daemon.restarted()
    assert "of an earlier boot" in daemon.log.read_text() and not file.exists()
    daemon.served(status=6)


def dropped(broker, daemon):
    """What the daemon must not serve any more isn't on disk either."""
    broker.start()
    for ending, again in (("lock", "unlock"), ("logout", None)):
        daemon.restarted()
        daemon.served()
        daemon.file()
        daemon.stsbroker(ending)
        awaited(daemon.is_without_file, f"gone after {ending}")
        if again:
            daemon.stsbroker(again)


def main():
    folder = SCRATCH / "broker"
    folder.mkdir()
    broker = OwnBroker(folder, {})
    with CachingDaemon(broker.url, {"readonly": "readonly"}) as daemon:
        daemon.sign_in()
        outlives(broker, daemon)
        refused(daemon)
        dropped(broker, daemon)
    with MachineDaemon(broker.url, {"readonly": "readonly"}) as daemon:
        daemon.sign_in()
        outlives(broker, daemon)
    broker.start()
    with ListingDaemon(broker.url, {"other": "developer"}, offered=["*"]) as daemon:
        daemon.sign_in()
        outlives(broker, daemon)


main()
