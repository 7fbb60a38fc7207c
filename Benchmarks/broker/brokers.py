"""A broker of its own beside the sandbox's identity provider and STS."""

import base64
import contextlib
import json
import os
import sys
import time
import urllib.request

import asking
import processes

ACCOUNT = "111122223333"
# Files are read up to 1 MiB each.
POLICIES_PER_FILE = 1_000
TEAMS = 100
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@contextlib.contextmanager
def sandbox(programs, scratch):
    """What it tells about itself, and its process id."""
    state = scratch / "sandbox"
    with processes.running([programs / "stsbroker-sandbox", "--idp-and-sts-only", "--state-dir", state]) as process:
        yield json.loads(awaited(lambda: (state / "sandbox.json").exists() and (state / "sandbox.json").read_text())), process.pid


def awaited(condition, patience=120):
    until = time.monotonic() + patience
    while not (found := condition()):
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(0.01)
    return found


class Broker:
    """`policies` is how many there are; the sandbox's developer asks for one in the middle."""

    def __init__(self, programs, folder, facts, policies):
        self.programs, self.folder, self.facts = programs, folder, facts
        self.port, self.policy = asking.free_port(), f"policy-{policies // 2:06}"
        self.log = folder / "log"
        write_policies(folder / "policies", policies)
        (folder / "server.yaml").write_text(json.dumps({
            "listen": {"address": f"127.0.0.1:{self.port}"}, "database": "broker.sqlite", "policies": "policies",
            "aws": {"region": "us-east-1", "sts_endpoint": facts["sts_url"]},
            "limits": {"requests_per_second": 100_000, "address_requests_per_second": 100_000},
            "issuers": [{
                "issuer": facts["idp_url"], "audiences": ["stsbroker"], "algorithms": ["RS256"], "token_use": "id",
                "claims": {"user": "cognito:username", "teams": "custom:teams"}}]}))

    @contextlib.contextmanager
    def running(self):
        """The process, and the seconds until it answers."""
        begin = time.monotonic()
        environment = os.environ | {
            "AWS_ACCESS_KEY_ID": self.facts["access_key_id"], "AWS_SECRET_ACCESS_KEY": self.facts["secret_access_key"]}
        command = [self.programs / "stsbroker-server", "--config", self.folder / "server.yaml"]
        self.log.write_bytes(b"")
        with open(self.log, "ab") as log, processes.running(command, stderr=log, env=environment) as process:
            awaited(lambda: process.poll() is not None or self.is_healthy())
            if process.poll() is not None:
                sys.exit(self.log.read_text())
            yield process, time.monotonic() - begin

    def is_healthy(self):
        try:
            return OPENER.open(f"http://127.0.0.1:{self.port}/healthz").status == 200
        except OSError:
            return False

    def token(self):
        body = json.dumps({"user": "developer"}).encode()
        request = urllib.request.Request(f"{self.facts['control_url']}/tokens", body, {"Content-Type": "application/json"})
        with OPENER.open(request) as answer:
            return json.load(answer)["id_token"]

    def claims(self):
        """Of whoever asks."""
        payload = self.token().split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def write_policies(folder, count):
    folder.mkdir()
    names = [f"policy-{number:06}" for number in range(count)]
    entries = [{
        "id": name, "description": "One of many", "account": ACCOUNT, "risk": 10, "max_duration": "1h",
        "base_role": f"arn:aws:iam::{ACCOUNT}:role/stsbroker-developer"} for name in names]
    for start in range(0, count, POLICIES_PER_FILE):
        text = json.dumps({"policies": entries[start:start + POLICIES_PER_FILE]})
        (folder / f"{start:06}.yaml").write_text(text)
    # Each policy is one team's; the developer's team has the one that is asked for, and its neighbours.
    share = max(1, count // TEAMS)
    teams = [{"id": f"team-{start}", "policies": names[start:start + share]} for start in range(0, count, share)]
    middle = count // 2
    teams.append({"id": "developers", "policies": names[middle:middle + share]})
    (folder / "teams.yaml").write_text(json.dumps({"teams": teams}))
