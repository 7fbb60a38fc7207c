"""Runs stsbrokerd as a user of its own with the capabilities that a drop-in gives it, and asks as another user with different programs. Run it
as root. Ends at the first surprise."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

SCRATCH, DROP_IN = map(pathlib.Path, sys.argv[1:])
OWN = SCRATCH / "daemon"
DAEMON, USER = 65533, 1000
CURL = os.path.realpath(shutil.which("curl"))
CONTAINERS = OWN / "containers.sock"
CONFIGURATION = OWN / "stsbrokerd.yaml"
TOKEN_PATH = "/latest/api/token"


def rights_of(user, capabilities=()):
    names = ",".join(["-all", *(f"+{name.lower().removeprefix('cap_')}" for name in capabilities)])
    ids = [f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    return ["setpriv", *ids, f"--inh-caps={names}", f"--ambient-caps={names}", f"--bounding-set={names}", "--no-new-privs"]


def granted(setting):
    return re.search(rf"^{setting}=(.*)$", DROP_IN.read_text(), re.M)[1].split()


def asked(program, *where):
    header = ["-X", "PUT", "-H", "X-aws-ec2-metadata-token-ttl-seconds: 60"]
    command = [program, "-s", "--noproxy", "*", "-m", "20", "-w", "\n%{http_code}", *header, *where]
    return subprocess.run([*rights_of(USER), *command], capture_output=True, text=True).stdout.split("\n")[-1]


SCRATCH.chmod(0o711)
OWN.mkdir(mode=0o755)
os.chown(OWN, DAEMON, DAEMON)
other = SCRATCH / "other-curl"
shutil.copy(CURL, other)
other.chmod(0o755)
CONFIGURATION.write_text(f"""
broker: {{url: "http://127.0.0.1:9"}}
identity_provider: {{issuer: "http://127.0.0.1:9", client_id: stsbroker}}
roles: [{{name: developer, policy: developer}}]
listeners:
  - {{name: imds, face: imds, address: "127.0.0.1:0"}}
  - {{name: sockets, face: imds, unix: "{CONTAINERS}", mode: "0666"}}
callers: [{{user: "{USER}", executable: "{CURL}", roles: [developer]}}]
control_socket: "{OWN}/control.sock"
token_directory: "{OWN}/tokens"
""")
assert granted("CapabilityBoundingSet") == granted("AmbientCapabilities")
command = [*rights_of(DAEMON, granted("AmbientCapabilities")), "stsbrokerd", "--config", CONFIGURATION]
daemon = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
try:
    log = ""
    while " ready" not in log:
        line = daemon.stderr.readline()
        assert line, log
        log += line
    url = f"http://{re.search('address=(127.0.0.1:[0-9]+)', log)[1]}{TOKEN_PATH}"
    unix = ["--unix-socket", CONTAINERS, f"http://localhost{TOKEN_PATH}"]
    for where in ([url], unix):
        assert asked(CURL, *where) == "200", where
        assert asked(other, *where) == "403", where
finally:
    daemon.terminate()
    assert daemon.wait(60) == 0
