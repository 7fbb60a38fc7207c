"""The sandbox's broker once more, with settings of a test's own, which the test may kill and start again."""

import atexit
import json
import os
import pathlib
import socket
import subprocess
import time
import urllib.error
import urllib.request

import sandbox_control
import yaml

STATE = pathlib.Path(os.environ["STSBROKER_SOCKET"]).parent


class OwnBroker:
    """`settings` replace the sandbox's, or take them away where they are None; `change` may change each policy."""

    def __init__(self, folder, settings, change=lambda policy: None):
        policies = yaml.safe_load((STATE / "policies.yaml").read_text())
        for policy in policies["policies"]:
            change(policy)
        # JSON is YAML.
        (folder / "policies.yaml").write_text(json.dumps(policies))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.file, self.log = folder / "server.yaml", folder / "log"
        own = {
            "listen": {"address": f"127.0.0.1:{self.port}"}, "database": "broker.sqlite", "policies": "policies.yaml",
            "web": {"url": self.url, "client_id": "stsbroker-pages"}}
        all_settings = yaml.safe_load((STATE / "stsbroker-server.yaml").read_text()) | own | settings
        self.file.write_text(json.dumps({key: value for key, value in all_settings.items() if value is not None}))
        # A script that fails leaves nothing behind that holds its output.
        atexit.register(lambda: self.kill())
        self.start()

    def start(self):
        self.spawn()
        awaited(self.is_healthy, "healthy")

    def spawn(self):
        addresses = json.loads((STATE / "sandbox.json").read_text())
        self.environment = os.environ | {
            "AWS_ACCESS_KEY_ID": addresses["access_key_id"], "AWS_SECRET_ACCESS_KEY": addresses["secret_access_key"]}
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                ["stsbroker-server", "--config", self.file], stdout=log, stderr=log, env=self.environment)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def is_healthy(self):
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.call("GET", "/healthz", None)[0] == 200
        except OSError:
            return False

    def call(self, method, path, user, body=None, **headers):
        """Status and JSON. Names of header fields have `_` for `-`."""
        request = urllib.request.Request(f"{self.url}{path}", method=method)
        request.add_header("Content-Type", "application/json")
        if user:
            request.add_header("Authorization", token(user))
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            data = None if body is None else json.dumps(body).encode()
            with sandbox_control.OPENER.open(request, data) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


def token(user):
    return sandbox_control.call("POST", "/tokens", {"user": user})["id_token"]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def awaited(condition, what, patience=90):
    until = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < until, f"not {what} after {patience} s"
        time.sleep(0.1)
    return found
