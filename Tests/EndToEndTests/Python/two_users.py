"""Two local users with one daemon: each gets their own credentials from the same addresses, and neither the other's. Wants the
sandbox's `env`, and root. Ends at the first surprise."""

import json
import os
import pathlib
import subprocess
import sys

from faults.own_daemon import OwnDaemon, sandbox_addresses

import sandbox_control

OTHER = 65534
# Run as either user, by the system's Python: walks to credentials as an SDK does.
WALK = """
import http.client, json, sys
imds, container, token, session = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
def ask(port, method, path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()
own = ask(imds, "PUT", "/latest/api/token", X_aws_ec2_metadata_token_ttl_seconds="300")[1]
path = "/latest/meta-data/iam/security-credentials/"
role = ask(imds, "GET", path, X_aws_ec2_metadata_token=own)[1]
print(json.dumps({
    "session": own, "role": role, "imds": ask(imds, "GET", path + role, X_aws_ec2_metadata_token=own),
    "container": ask(container, "GET", "/role/readonly", Authorization=token),
    "with other's session": ask(imds, "GET", path + role, X_aws_ec2_metadata_token=session)}))
"""
SIGN_IN = """
import http.client, socket, sys
connection = http.client.HTTPConnection("localhost", timeout=20)
connection.sock = socket.socket(socket.AF_UNIX)
connection.sock.connect(sys.argv[1])
connection.request("PUT", "/v1/sign-in", sys.stdin.read(), {"Content-Type": "application/json"})
assert connection.getresponse().status == 204
"""


class SharedDaemon(OwnDaemon):
    def _text_of(self, *settings):
        callers = [{"user": str(user), "roles": ["readonly"]} for user in (0, OTHER)]
        return json.dumps(json.loads(super()._text_of(*settings)) | {"callers": callers})


def run(user, script, *arguments, **options):
    drop = ["setpriv", "--reuid", str(user), "--regid", str(user), "--clear-groups"]
    command = [*drop, "/usr/bin/python3", "-c", script, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, cwd="/", **options)
    assert result.returncode == 0, result
    return result.stdout


def sign_in(daemon, user, name):
    tokens = sandbox_control.call("POST", "/tokens", {"user": name})
    names = {"id_token": tokens["id_token"], "refresh_token": tokens["refresh_token"]}
    run(user, SIGN_IN, daemon.control, input=json.dumps({"issuer": daemon.provider, "client_id": "stsbroker", **names}))


def identity(credentials):
    keys = {
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials["Token"]}
    command = ["aws", "sts", "get-caller-identity", "--query", "Arn", "--output", "text"]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | keys).stdout.rpartition("/")[2].strip()


with SharedDaemon(sandbox_addresses()["broker_url"], {"readonly": "readonly"}) as daemon:
    pathlib.Path(daemon.folder.name).chmod(0o711)
    people = {0: "developer", OTHER: "operator"}
    tokens, seen = {}, {}
    for user, name in people.items():
        sign_in(daemon, user, name)
        tokens[user] = daemon.token_file.with_name(str(user)).read_text()
    for user, name in people.items():
        others = seen[0]["session"] if 0 in seen else "none"
        seen[user] = json.loads(run(user, WALK, daemon.ports["imds"], daemon.ports["container"], tokens[user], others))
        for face in ("imds", "container"):
            status, body = seen[user][face]
            assert status == 200 and identity(json.loads(body)) == name, (user, face, status, body)
    assert seen[OTHER]["with other's session"][0] == 401, seen[OTHER]
    crossed = json.loads(run(OTHER, WALK, daemon.ports["imds"], daemon.ports["container"], tokens[0], "none"))
    assert crossed["container"][0] == 401, crossed["container"]
    assert subprocess.run(
        ["setpriv", "--reuid", str(OTHER), "--regid", str(OTHER), "--clear-groups", "cat", daemon.token_file.with_name("0")],
        capture_output=True).returncode != 0
