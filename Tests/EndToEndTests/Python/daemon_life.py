"""Starts, kills and stops stsbrokerd, twice on the same sockets, and asks it as another user. Ends at the first surprise."""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

SCRATCH = pathlib.Path(sys.argv[1])
CONFIGURATION = SCRATCH / "stsbrokerd.yaml"
CONTROL = SCRATCH / "control.sock"
CONTAINERS = SCRATCH / "containers.sock"
TOKEN = SCRATCH / "tokens" / str(os.geteuid())
CONFIGURATION.write_text(f"""
broker: {{url: "http://127.0.0.1:9"}}
identity_provider: {{issuer: "http://127.0.0.1:9", client_id: stsbroker}}
roles: [{{name: developer, policy: developer}}]
listeners:
  - {{name: imds, face: imds, address: "127.0.0.1:0"}}
  - {{name: containers, face: container, address: "127.0.0.1:0"}}
  - {{name: sockets, face: container, unix: "{CONTAINERS}", mode: "0666"}}
callers: [{{user: "{os.geteuid()}", roles: [developer]}}]
control_socket: "{CONTROL}"
token_directory: "{SCRATCH}/tokens"
""")


def start():
    return subprocess.Popen(["stsbrokerd", "--config", CONFIGURATION], stderr=subprocess.PIPE, text=True)


def ready():
    """A started daemon, and what it logged until it was ready."""
    daemon = start()
    log = ""
    for line in daemon.stderr:
        log += line
        if " ready" in line:
            return daemon, log
    raise AssertionError(f"ended with {daemon.wait()}: {log}")


def status():
    return subprocess.run(["stsbroker", "status", "--socket", CONTROL], capture_output=True, text=True)


def refused_second():
    second = start()
    _, problems = second.communicate(timeout=60)
    assert second.returncode == 1 and str(CONTAINERS) in problems, (second.returncode, problems)
    assert status().returncode == 0, status()


def asks_as_another_user(log):
    """Neither face gives another user anything, not even with the right token, over TCP or a Unix socket."""
    port = {name: log.split(f"address=127.0.0.1:")[place].split()[0] for place, name in enumerate(["imds", "containers"], 1)}
    token = TOKEN.read_text()
    asks = [
        ["-X", "PUT", "-H", "X-aws-ec2-metadata-token-ttl-seconds: 60", f"http://127.0.0.1:{port['imds']}/latest/api/token"],
        ["-H", f"Authorization: {token}", f"http://127.0.0.1:{port['containers']}/role/developer"],
        ["-H", f"Authorization: {token}", "--unix-socket", CONTAINERS, "http://localhost/role/developer"],
    ]
    SCRATCH.chmod(0o711)
    for arguments in asks:
        curl = ["curl", "-s", "--noproxy", "*", "-m", "20", "-o", "-", "-w", "\n%{http_code}", *arguments]
        ours = subprocess.run(curl, capture_output=True, text=True).stdout
        assert "CallerNotAllowed" not in ours, ours
        other = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", *curl]
        theirs = subprocess.run(other, capture_output=True, text=True).stdout
        assert theirs.endswith("\n403") and "CallerNotAllowed" in theirs, (arguments, theirs)
        assert token not in theirs, theirs


def stops_at_once(daemon, port):
    """The second SIGTERM ends what the first one waits for: a request whose end has not come."""
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\n")
        slow.settimeout(60)
        daemon.send_signal(signal.SIGTERM)
        logs(daemon, "stopping")
        daemon.send_signal(signal.SIGTERM)
        logs(daemon, "stopping at once")
        try:
            assert slow.recv(1) == b""
        except ConnectionResetError:
            pass
    assert daemon.wait(60) == 0


def logs(daemon, message):
    """Reads what the daemon logs until that message, and returns its line."""
    for line in daemon.stderr:
        if message in line:
            return line
    raise AssertionError(f"ended with {daemon.wait()} before it said: {message}")


def reloads(daemon):
    """SIGHUP puts a changed configuration in force; a wrong one is named and changes nothing."""
    old = CONFIGURATION.read_text()
    CONFIGURATION.write_text(old.replace("name: developer", "name: reader").replace("roles: [developer]", "roles: [reader]"))
    daemon.send_signal(signal.SIGHUP)
    logs(daemon, "configuration reloaded")
    assert "reader (default)" in status().stdout, status()
    assert "developer (default)" not in status().stdout, status()
    CONFIGURATION.write_text("callers: [")
    daemon.send_signal(signal.SIGHUP)
    assert str(CONFIGURATION) in logs(daemon, "configuration not reloaded")
    assert "reader (default)" in status().stdout, status()
    CONFIGURATION.write_text(old)
    daemon.send_signal(signal.SIGHUP)
    logs(daemon, "configuration reloaded")
    assert "developer (default)" in status().stdout, status()


first, log = ready()
assert status().returncode == 0, status()
assert TOKEN.stat().st_mode & 0o777 == 0o600 and not TOKEN.read_text().endswith("\n")
refused_second()
if os.geteuid() == 0:
    asks_as_another_user(log)
reloads(first)
first.kill()
first.wait()
assert CONTROL.exists() and CONTAINERS.exists()
assert status().returncode == 6, status()
for stop in [signal.SIGTERM, signal.SIGINT]:
    daemon, _ = ready()
    assert status().returncode == 0, status()
    daemon.send_signal(stop)
    _, problems = daemon.communicate(timeout=60)
    assert daemon.returncode == 0, (daemon.returncode, problems)
    left = {path.name for path in SCRATCH.iterdir()} | {path.name for path in (SCRATCH / "tokens").iterdir()}
    assert left == {"stsbrokerd.yaml", "tokens"}, left
last, log = ready()
stops_at_once(last, int(log.split("address=127.0.0.1:")[1].split()[0]))
