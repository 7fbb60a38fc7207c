"""The units, the example configuration of a host, and the drop-ins under a real systemd, from the installation on:
booted_units.py FOLDER REPOSITORY BINARIES. Ends at the first surprise."""

import json
import pathlib
import re
import sys

from booted_system import BootedSystem

FOLDER, REPOSITORY, BINARIES = map(pathlib.Path, sys.argv[1:])
EXAMPLES = "/usr/share/doc/stsbroker/examples"
TESTS = str(pathlib.Path(__file__).parent)
BOTO3 = "import boto3,sys; print(boto3.client('sts', 'us-east-1', endpoint_url=sys.argv[1]).get_caller_identity()['Arn'])"
SIGN_IN = "import sandbox_control as s, sys; s.sign_in('/run/stsbrokerd/control.sock', sys.argv[1])"
IMDS = "http://169.254.169.254/latest/api/token"


def written(system, path, text):
    system.run("sh", "-c", 'mkdir -p "$(dirname "$1")" && printf %s "$2" >"$1"', "sh", path, text)


def sandbox(system):
    """An identity provider and STS."""
    state = "/var/tmp/sandbox"
    system.run("systemd-run", "--unit=sandbox", "stsbroker-sandbox", "--idp-and-sts-only", "--state-dir", state)
    system.awaited(lambda: system.tried("test", "-s", f"{state}/sandbox.json").returncode == 0, "sandbox")
    return json.loads(system.run("cat", f"{state}/sandbox.json"))


def runs_the_broker(system, facts):
    """With its own key as systemd's credential, by the drop-in."""
    role = "arn:aws:iam::111122223333:role/stsbroker-developer"
    policy = {"id": "developer", "description": "d", "account": "111122223333", "risk": 10, "max_duration": "1h", "base_role": role}
    written(system, "/etc/stsbroker/policies.yaml", json.dumps(
        {"policies": [policy], "teams": [{"id": "developers", "policies": ["developer"]}]}))
    written(system, "/etc/stsbroker/stsbroker-server.yaml", json.dumps({
        "listen": {"address": "127.0.0.1:8080"}, "database": "/var/lib/stsbroker-server/broker.sqlite",
        "policies": "/etc/stsbroker/policies.yaml", "aws": {"region": "us-east-1", "sts_endpoint": facts["sts_url"]},
        "issuers": [{
            "issuer": facts["idp_url"], "audiences": ["stsbroker"], "algorithms": ["RS256"], "token_use": "id",
            "claims": {"user": "cognito:username", "teams": "custom:teams"}}]}))
    written(system, "/etc/stsbroker/aws-credentials", "\n".join([
        "[default]", f"aws_access_key_id = {facts['access_key_id']}", f"aws_secret_access_key = {facts['secret_access_key']}"]))
    drop_in = "stsbroker-server.service.d/aws-credentials.conf"
    system.run("install", "-D", f"{EXAMPLES}/{drop_in}", f"/etc/systemd/system/{drop_in}")
    system.run("systemctl", "daemon-reload")
    system.run("systemctl", "start", "stsbroker-server")
    healthy = "http://127.0.0.1:8080/readyz"
    system.awaited(lambda: system.tried("curl", "-fs", healthy).returncode == 0, "broker ready")
    state = system.run("stat", "-L", "-c", "%a", "/var/lib/stsbroker-server").strip()
    assert state == "700" and system.shown("stsbroker-server", "User") == "stsbroker-server", state


def starts_by_use(system, facts):
    """The example for a host, with the company's own addresses."""
    system.run("systemd-sysusers")
    system.run("systemd-tmpfiles", "--create", "stsbroker.conf")
    system.run("gpasswd", "--add", "root", "users")
    example = system.run("cat", f"{EXAMPLES}/stsbrokerd-host.yaml")
    written(system, "/etc/stsbroker/stsbrokerd.yaml", example.replace(
        "https://broker.example.com", "http://127.0.0.1:8080").replace("https://login.example.com", facts["idp_url"]))
    written(system, "/etc/systemd/system/stsbrokerd.service.d/test.conf", "[Service]\nWatchdogSec=3s\n")
    system.run("systemctl", "daemon-reload")
    system.run("systemctl", "start", "stsbrokerd.socket")
    assert system.shown("stsbrokerd", "ActiveState") == "inactive"
    token = system.run("curl", "-fs", "-X", "PUT", "-H", "X-aws-ec2-metadata-token-ttl-seconds: 60", IMDS)
    assert len(token) > 20, token
    # It answers what waits before it says that it is ready.
    system.awaited(lambda: system.shown("stsbrokerd", "ActiveState") == "active", "active")


def is_confined(system):
    process = system.shown("stsbrokerd", "MainPID")
    status = dict(line.split(":\t", 1) for line in system.run("cat", f"/proc/{process}/status").splitlines() if ":\t" in line)
    assert status["CapEff"] == "0000000000000000" and status["NoNewPrivs"] == "1" and status["Seccomp"] == "2", status
    assert status["Uid"].split()[0] != "0", status
    # Where the machine lets systemd raise that limit, as the unit wants.
    may_lock = "Max locked memory         unlimited" in system.run("cat", f"/proc/{process}/limits")
    assert may_lock != status["VmLck"].strip().startswith("0 "), status
    for unit in ("stsbrokerd.service", "stsbroker-server.service", "stsbrokerd-addresses.service"):
        report = system.run("systemd-analyze", "security", "--no-pager", unit)
        assert float(re.search(r"Overall exposure level for \S+: ([\d.]+)", report).group(1)) <= 1.5, report


def serves(system, facts):
    python = str(REPOSITORY / ".venv/bin/python")
    said = system.awaited(lambda: system.tried(python, "-c", BOTO3, facts["sts_url"]).stdout, "credentials")
    assert "assumed-role/stsbroker-developer/" in said, said


def outlives(system, facts, restarts, harm):
    """What was harmed is started again, still on its sockets, and with everybody's sign-in."""
    harm()
    system.awaited(lambda: int(system.shown("stsbrokerd", "NRestarts")) == restarts, "restarted")
    system.awaited(lambda: system.shown("stsbrokerd", "ActiveState") == "active", "active again")
    serves(system, facts)


def lives(system, facts):
    python = str(REPOSITORY / ".venv/bin/python")
    system.run(python, "-c", SIGN_IN, facts["idp_url"], PYTHONPATH=TESTS, STSBROKER_SANDBOX_URL=facts["control_url"])
    serves(system, facts)
    system.run("systemctl", "reload", "stsbrokerd")
    system.awaited(lambda: system.shown("stsbrokerd", "ActiveState") == "active", "reloaded")
    assert system.shown("stsbrokerd", "StatusText")
    outlives(system, facts, 1, lambda: system.run("systemctl", "kill", "--signal=KILL", "stsbrokerd"))
    # It answers no more, and systemd's watchdog sees it.
    outlives(system, facts, 2, lambda: system.run("systemctl", "kill", "--signal=STOP", "--kill-who=main", "stsbrokerd"))


def ends(system):
    system.run("systemctl", "stop", "stsbrokerd.socket", "stsbrokerd.service", "stsbrokerd-addresses.service", "stsbroker-server")
    for unit in ("stsbrokerd", "stsbroker-server"):
        assert system.shown(unit, "Result") == "success", (unit, system.journal())
    assert system.tried("test", "-e", "/run/stsbrokerd/control.sock").returncode == 1
    assert "169.254." not in system.run("ip", "-o", "address", "show", "dev", "lo")
    # With its facts as fields.
    entries = system.run("journalctl", "--no-pager", "--output=json", "STSBROKER_EVENT=ready").splitlines()
    assert entries and all(json.loads(entry)["STSBROKER_LISTENERS"] == "4" for entry in entries), entries


with BootedSystem(FOLDER, REPOSITORY, BINARIES) as system:
    facts = sandbox(system)
    runs_the_broker(system, facts)
    starts_by_use(system, facts)
    is_confined(system)
    lives(system, facts)
    ends(system)
