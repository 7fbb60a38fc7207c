"""Runs stsbrokerd as a user without rights, on sockets that root has bound, one of them at a port that only root may have. Run it as root.
Ends at the first surprise."""

import os
import pathlib
import subprocess
import sys
import time

if "HOST" not in os.environ:
    os.execvpe("unshare", ["unshare", "--net", sys.executable, "-B", *sys.argv], os.environ | {"HOST": "made"})

SCRATCH = pathlib.Path(sys.argv[1])
OWN = SCRATCH / "daemon"
TOKENS = OWN / "tokens"
DAEMON, USER, STRANGER = 65533, 1000, 1001
CONFIGURATION = OWN / "stsbrokerd.yaml"


def as_user(number, *command):
    rights = ["--reuid", str(number), "--regid", str(number), "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
    return subprocess.run(["setpriv", *rights, *command], capture_output=True, text=True)


def status_of(user):
    """What the metadata service answers that user who asks for a session token."""
    header = ["-X", "PUT", "-H", "X-aws-ec2-metadata-token-ttl-seconds: 60"]
    curl = ["curl", "-s", "--noproxy", "*", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}"]
    return as_user(user, *curl, *header, "http://127.0.0.1:80/latest/api/token").stdout


subprocess.run(["ip", "link", "set", "dev", "lo", "up"], check=True)
SCRATCH.chmod(0o711)
OWN.mkdir(mode=0o755)
os.chown(OWN, DAEMON, DAEMON)
CONFIGURATION.write_text(f"""
broker: {{url: "http://127.0.0.1:9"}}
identity_provider: {{issuer: "http://127.0.0.1:9", client_id: stsbroker}}
roles: [{{name: developer, policy: developer}}]
listeners: [{{name: imds, face: imds, address: "127.0.0.1:80"}}]
callers: [{{user: "{USER}", roles: [developer]}}]
control_socket: "{OWN}/control.sock"
token_directory: "{TOKENS}"
""")
rights = ["setpriv", f"--reuid={DAEMON}", f"--regid={DAEMON}", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
listen = ["systemd-socket-activate", "-l", "127.0.0.1:80"]
program = [*listen, *rights, "stsbrokerd", "--config", CONFIGURATION]
with open(SCRATCH / "log", "w") as log:
    daemon = subprocess.Popen(program, stderr=log)
try:
    # The first connection starts it; systemd-socket-activate may need a moment until it listens.
    until = time.monotonic() + 60
    while status_of(USER) != "200":
        assert daemon.poll() is None and time.monotonic() < until, (SCRATCH / "log").read_text()
        time.sleep(0.1)
    assert status_of(STRANGER) == "403"
    facts = pathlib.Path(f"/proc/{daemon.pid}/status").read_text()
    assert f"Uid:\t{DAEMON}" in facts and "CapEff:\t0000000000000000" in facts, facts
    token = TOKENS / str(USER)
    assert len(as_user(USER, "cat", token).stdout) == 43, as_user(USER, "cat", token)
    for other in (STRANGER, 65534):
        assert not as_user(other, "cat", token).stdout
    # Whoever runs the daemon can't look into it: it is not dumpable, so its memory is root's.
    assert as_user(DAEMON, "cat", f"/proc/{daemon.pid}/maps").returncode != 0
finally:
    daemon.terminate()
    assert daemon.wait(60) == 0, (SCRATCH / "log").read_text()
