"""Asks a stsbrokerd whose rules are about programs, groups and users, with different programs. Ends at the first surprise."""

import grp
import http.client
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import sys

SCRATCH = pathlib.Path(sys.argv[1])
CONFIGURATION = SCRATCH / "stsbrokerd.yaml"
CONTAINERS = SCRATCH / "containers.sock"
CURL = os.path.realpath(shutil.which("curl"))
GROUP = grp.getgrgid(pwd.getpwuid(os.geteuid()).pw_gid).gr_name
CONFIGURATION.write_text(f"""
broker: {{url: "http://127.0.0.1:9"}}
identity_provider: {{issuer: "http://127.0.0.1:9", client_id: stsbroker}}
roles: [{{name: for-curl, policy: a}}, {{name: for-group, policy: b}}, {{name: other, policy: c}}]
listeners:
  - {{name: imds, face: imds, address: "127.0.0.1:0", imdsv1: true}}
  - {{name: sockets, face: container, unix: "{CONTAINERS}"}}
callers:
  - {{executable: "{CURL}", group: "{GROUP}", roles: [for-curl]}}
  - {{unit: no-such.service, roles: [for-curl]}}
  - {{group: "{GROUP}", listeners: [imds], roles: [for-group, other], default_role: for-group}}
control_socket: "{SCRATCH}/control.sock"
token_directory: "{SCRATCH}/tokens"
""")
ROLES = "/latest/meta-data/iam/security-credentials/"


def ready():
    """A started daemon and the port of its IMDS."""
    daemon = subprocess.Popen(["stsbrokerd", "--config", CONFIGURATION], stderr=subprocess.PIPE, text=True)
    port, log = None, ""
    for line in daemon.stderr:
        log += line
        if "address=127.0.0.1:" in line:
            port = int(line.split("address=127.0.0.1:")[1].split()[0])
        if " ready" in line:
            return daemon, port
    raise AssertionError(f"ended with {daemon.wait()}: {log}")


def curl(*arguments):
    command = [CURL, "-s", "--noproxy", "*", "-m", "60", "-w", "\n%{http_code}", *arguments]
    return subprocess.run(command, capture_output=True, text=True).stdout


def asked_by_python(connection):
    connection.request("GET", ROLES)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def unix_from_python():
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(CONTAINERS))
    connection.request("GET", "/role/for-curl")
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def handed_on(port):
    """A connection that curl's program holds too is not Python's alone, but neither is it curl's."""
    with socket.create_connection(("127.0.0.1", port)) as shared:
        shared.set_inheritable(True)
        other = subprocess.Popen([CURL, "-s", "telnet://127.0.0.1:%d" % port], pass_fds=[shared.fileno()], stdin=subprocess.PIPE)
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.sock = shared
        answer = asked_by_python(connection)
        other.kill()
        other.wait()
        return answer


def stsbroker(*arguments):
    command = ["stsbroker", *arguments, "--socket", SCRATCH / "control.sock"]
    return subprocess.run(command, capture_output=True, text=True)


def offered():
    return asked_by_python(http.client.HTTPConnection("127.0.0.1", port))[1]


def explained(processID):
    command = ["stsbrokerd", "--config", CONFIGURATION, "--explain-caller", str(processID)]
    return subprocess.run(command, capture_output=True, text=True)


daemon, port = ready()
try:
    assert curl(f"http://127.0.0.1:{port}{ROLES}") == "for-curl\n200"
    assert asked_by_python(http.client.HTTPConnection("127.0.0.1", port)) == (200, "for-group")
    # There is no sign-in, but the question was in order.
    assert "SignInRequired" in curl("--unix-socket", CONTAINERS, "http://localhost/role/for-curl")
    status, body = unix_from_python()
    assert status == 403 and "CallerNotAllowed" in body, (status, body)
    assert handed_on(port) == (200, "for-group")
    own = explained(os.getpid())
    assert own.returncode == 0, own
    assert f"callers[0] does not match: it is for the executable {CURL}" in own.stdout, own
    assert "imds: callers[2] matches: roles for-group (default), other" in own.stdout, own
    assert "sockets: nothing, for no entry matches" in own.stdout, own
    assert explained(2**31 - 1).returncode == 1
    status = stsbroker("status")
    assert "for-group" in status.stdout, status
    assert (SCRATCH / "tokens" / str(os.geteuid())).exists()
    assert stsbroker("use", "other").returncode == 0 and offered() == "other"
    assert "other (default)" in stsbroker("status").stdout
    refused = stsbroker("use", "nothing")
    assert refused.returncode == 1 and "stsbroker status" in refused.stderr, refused
    assert stsbroker("use").returncode == 2 and stsbroker("use", "other", "--default").returncode == 2
    assert stsbroker("use", "--default").returncode == 0 and offered() == "for-group"
finally:
    daemon.terminate()
    _, problems = daemon.communicate()
assert daemon.returncode == 0, problems
assert not any((SCRATCH / "tokens").iterdir())
