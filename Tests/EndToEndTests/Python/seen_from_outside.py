"""Watches a running stsbrokerd: metrics, health, the audit's file and its rotation. Ends at the first surprise."""

import json
import os
import pathlib
import signal
import subprocess
import sys

SCRATCH = pathlib.Path(sys.argv[1])
CONFIGURATION = SCRATCH / "stsbrokerd.yaml"
CONTROL = SCRATCH / "control.sock"
CONTAINERS = SCRATCH / "containers.sock"
AUDIT = SCRATCH / "audit.log"
CONFIGURATION.write_text(f"""
broker: {{url: "http://127.0.0.1:9"}}
identity_provider: {{issuer: "http://127.0.0.1:9", client_id: stsbroker}}
roles: [{{name: developer, policy: developer}}]
listeners:
  - {{name: imds, face: imds, address: "127.0.0.1:0"}}
  - {{name: sockets, face: container, unix: "{CONTAINERS}", mode: "0600"}}
callers: [{{user: "{os.geteuid()}", roles: [developer]}}]
control_socket: "{CONTROL}"
token_directory: "{SCRATCH}/tokens"
metrics: {{address: "127.0.0.1:0"}}
audit: {{file: "{AUDIT}", mode: "0640", window: 1d}}
""")


def logs(daemon, message):
    """Reads what the daemon logs until that message, and returns its line."""
    for line in daemon.stderr:
        if message in line:
            return line
    raise AssertionError(f"ended with {daemon.wait()} before it said: {message}")


def curl(*arguments):
    """The status, and the body."""
    command = ["curl", "-s", "--noproxy", "*", "-m", "20", "-w", "\n%{http_code}", *map(str, arguments)]
    body, _, status = subprocess.run(command, capture_output=True, text=True, check=True).stdout.rpartition("\n")
    return int(status), body


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def asks(agent):
    """Nobody is signed in, so nobody gets anything, and that is recorded."""
    status, body = curl("-A", agent, "--unix-socket", CONTAINERS, "http://localhost/role/developer")
    assert status == 403 and "SignInRequired" in body, (status, body)


daemon = subprocess.Popen(["stsbrokerd", "--config", CONFIGURATION], stderr=subprocess.PIPE, text=True)
base = "http://" + logs(daemon, " metrics").split("address=")[1].split()[0]
logs(daemon, " ready")
for where in [[base], ["--unix-socket", CONTROL, "http://localhost"]]:
    assert curl(*where[:-1], where[-1] + "/healthz")[0] == 200
    assert curl(*where[:-1], where[-1] + "/readyz")[0] == 200
    assert curl(*where[:-1], where[-1] + "/readyz/nobody")[0] == 404
assert curl("-H", "Host: attacker.example", f"{base}/metrics")[0] == 403

for agent in ["aws-cli/2.1", "aws-cli/2.1", 'aws-cli/9 "role":"admin"']:
    asks(agent)
status, text = curl(f"{base}/metrics")
assert status == 200, text
assert 'stsbrokerd_requests_total{face="container",code="403",sdk="aws-cli"} 3\n' in text, text
assert 'stsbrokerd_refresh_failures_total{code="SignInRequired"}' in text, text
assert 'stsbrokerd_credentials{state="sign_in_required"} 1\n' in text, text
status, body = curl(f"{base}/readyz?role=developer")
assert status == 503 and json.loads(body)["code"] == "SignInRequired", body

assert AUDIT.stat().st_mode & 0o777 == 0o640
rotated = AUDIT.rename(SCRATCH / "audit.log.1")
daemon.send_signal(signal.SIGHUP)
logs(daemon, "configuration reloaded")
asks("Boto3/1.43")
daemon.send_signal(signal.SIGTERM)
_, problems = daemon.communicate(timeout=60)
assert daemon.returncode == 0, problems
first, = lines(rotated)
expected = {
    "outcome": "SignInRequired", "role": "developer", "uid": os.geteuid(), "listener": "sockets", "face": "container",
    "sdk": "aws-cli", "user_agent": "aws-cli/2.1", "count": 1,
}
assert expected.items() <= first.items(), first
assert first["executable"].endswith("/curl") and first["pid"] > 1 and first["cgroup"].startswith("/"), first
assert [(line["sdk"], line["count"]) for line in lines(AUDIT)] == [("botocore", 1), ("aws-cli", 2)], lines(AUDIT)
