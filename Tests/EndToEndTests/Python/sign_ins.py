"""A daemon that keeps sign-ins on disk, through kills, locks and sign-outs, and what configure and doctor make of it. Wants the
sandbox's `env` and a scratch folder. Ends at the first surprise."""

import json
import os
import pathlib
import stat
import subprocess
import sys

import sandbox_control
import yaml
from faults.own_daemon import OwnDaemon, sandbox_addresses
from own_broker import OwnBroker

SCRATCH = pathlib.Path(sys.argv[1])
STATE = SCRATCH / "state"
BROKER = sandbox_addresses()["broker_url"]


class KeepingDaemon(OwnDaemon):
    def _text_of(self, *settings):
        return json.dumps(json.loads(super()._text_of(*settings)) | {"state_directory": str(STATE)})

    def restarted(self):
        self.kill()
        return self.start()


def stsbroker(daemon, *arguments, status=0, **variables):
    result = subprocess.run(
        ["stsbroker", *arguments, "--socket", daemon.control], capture_output=True, text=True, stdin=subprocess.DEVNULL,
        env=os.environ | variables)
    assert result.returncode == status, (arguments, result)
    return result.stdout + result.stderr


def serves(daemon, status=0):
    return stsbroker(daemon, "credential-process", "readonly", status=status)


def kept(daemon):
    """A11: what is on disk is for the daemon only, sealed, and good after a kill."""
    stsbroker(daemon, "whoami", status=3)
    daemon.sign_in("developer")
    told = json.loads(stsbroker(daemon, "whoami", "--json"))
    assert told["key_source"] == "file" and told["state"] == "signed_in", told
    serves(daemon)
    token = sandbox_control.call("POST", "/tokens", {"user": "developer"})["id_token"].split(".")[0]
    assert stat.S_IMODE(STATE.stat().st_mode) == 0o700
    for file in STATE.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600 and token.encode() not in file.read_bytes(), file
    daemon.restarted()
    assert "kept on disk" in stsbroker(daemon, "whoami")
    serves(daemon)


def ending(daemon):
    """The end of a refresh token is told when it is near, also after a kill; one that is far, or unknown, is not."""
    daemon.sign_in("developer", {"lifetime_seconds": 300}, refresh_token_expires_in=1800)
    told = json.loads(stsbroker(daemon, "whoami", "--json"))
    assert told["ends_soon"] > told["expiration"], told
    daemon.restarted()
    assert f"The sign-in ends at {told['ends_soon']}; run: stsbroker login\n" in stsbroker(daemon, "status")
    for more in ({"refresh_token_expires_in": 86_400}, {}):
        daemon.sign_in("developer", **more)
        assert "The sign-in ends" not in stsbroker(daemon, "status")


def foreign(daemon):
    """A11: a file that was changed is named, set aside, and nobody is signed in by it."""
    [file] = STATE.glob("*.sign-in")
    good = file.read_bytes()
    file.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    daemon.restarted()
    assert file.name in daemon.log.read_text() and not file.exists()
    serves(daemon, status=3)
    daemon.sign_in("developer")
    serves(daemon)


def locked(daemon):
    stsbroker(daemon, "lock")
    assert "unlock" in serves(daemon, status=1)
    daemon.restarted()
    assert "unlock" in serves(daemon, status=1) and "locked" in stsbroker(daemon, "status")
    assert "stsbroker unlock" in stsbroker(daemon, "policies", status=1)
    stsbroker(daemon, "unlock")
    serves(daemon)


def explained(daemon):
    told = json.loads(stsbroker(daemon, "explain", "readonly", "--json"))
    assert told["state"] == "fresh" and told["last_attempt"] and told["last_callers"][0]["program"] == "stsbroker", told
    assert "credentials are at hand" in stsbroker(daemon, "explain", "readonly")
    stsbroker(daemon, "explain", "nothing", status=1)


def examined(daemon):
    clean = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{daemon.ports['container']}/role/readonly"}
    good = json.loads(stsbroker(daemon, "doctor", "--json", **clean))
    assert {each["level"] for each in good} <= {"ok", "warning"}, good
    subjects = {each["subject"] for each in good}
    assert {"daemon", "sign-in", "listener imds", "listener container", "token file", "broker", "identity provider", "clock"} <= subjects
    bundle = SCRATCH / "bundle"
    bad = stsbroker(
        daemon, "doctor", "--support", str(bundle), status=1, HTTP_PROXY="http://127.0.0.1:9", NO_PROXY="", no_proxy="",
        AWS_ACCESS_KEY_ID="AKIASECRET")
    assert "PROBLEM proxy" in bad and "PROBLEM environment" in bad and "AKIASECRET" not in bad, bad
    text = bundle.read_text()
    assert daemon.token_file.read_text() not in text and "AKIASECRET" not in text and "AWS_ACCESS_KEY_ID" in text
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o600
    daemon.token_file.write_text(daemon.token_file.read_text() + "\n")
    assert "newline" in stsbroker(daemon, "doctor", status=1, **clean)


def signed_out(daemon):
    assert stsbroker(daemon, "logout").startswith("Signed out")
    serves(daemon, status=3)
    assert not list(STATE.glob("*.sign-in"))
    daemon.restarted()
    stsbroker(daemon, "whoami", status=3)
    assert "PROBLEM sign-in" in stsbroker(daemon, "doctor", status=1)


def configured():
    """The broker's URL is enough; wrong ones change nothing."""
    folder = SCRATCH / "broker"
    folder.mkdir()
    issuers = yaml.safe_load((pathlib.Path(os.environ["STSBROKER_SOCKET"]).parent / "stsbroker-server.yaml").read_text())["issuers"]
    broker = OwnBroker(folder, {"issuers": [each | {"cli_client_id": "stsbroker"} for each in issuers]})
    file = SCRATCH / "xdg" / "stsbroker" / "config.yaml"
    home = {"XDG_CONFIG_HOME": str(SCRATCH / "xdg")}

    def configure(*arguments, status=0):
        result = subprocess.run(
            ["stsbroker", "configure", *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, env=os.environ | home)
        assert result.returncode == status, (arguments, result)
        return result.stdout + result.stderr

    try:
        assert "--broker" in configure("--help") and "the flag" in configure(status=1)
        configure("--broker", "http://broker.example", status=1)
        configure("--broker", "http://127.0.0.1:9", status=6)
        configure("--broker", broker.url, "--issuer", "https://other.example", status=1)
        assert not file.exists()
        configure("--broker", broker.url + "/")
        assert yaml.safe_load(file.read_text()) == {
            "broker": broker.url, "issuer": issuers[0]["issuer"], "client_id": "stsbroker"}
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    finally:
        broker.kill()


with KeepingDaemon(BROKER, {"readonly": "readonly"}) as daemon:
    kept(daemon)
    ending(daemon)
    foreign(daemon)
    locked(daemon)
    explained(daemon)
    examined(daemon)
    signed_out(daemon)
configured()
