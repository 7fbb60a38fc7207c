"""Kills a broker with signal 9 in the middle of a thousand issuances, several times, and compares what its clients got with what it
wrote down. Wants the sandbox's `env`. Ends at the first surprise."""

import collections
import http.client
import json
import pathlib
import subprocess
import tempfile
import threading
import urllib.parse
import urllib.request

import sandbox_control
from own_broker import OwnBroker, awaited, token

WANTED = 1000
# How many clients have what they asked for when the broker is killed.
KILLS = (100, 250, 450, 700, 900)
CLIENTS = 8
BODY = json.dumps({"policy": "developer", "duration_seconds": 900})


class Clients:
    """Ask for credentials again and again, whatever becomes of the broker, until there are enough."""

    def __init__(self, url, identity):
        self.address, self.identity = urllib.parse.urlsplit(url).netloc, identity
        self.lock, self.received, self.broken, self.surprises = threading.Lock(), [], 0, []
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def work(self):
        connection = None
        while len(self.received) < WANTED and not self.surprises:
            try:
                connection = connection or http.client.HTTPConnection(self.address, timeout=30)
                connection.request("POST", "/v1/credentials", BODY, {
                    "Authorization": self.identity, "Content-Type": "application/json"})
                answer = connection.getresponse()
                status, body = answer.status, json.load(answer)
            except (OSError, http.client.HTTPException, ValueError):
                connection = None
                with self.lock:
                    self.broken += 1
                continue
            with self.lock:
                if status == 200:
                    self.received.append((body["request_id"], body["access_key_id"]))
                else:
                    self.surprises.append((status, body))

    def finish(self):
        for thread in self.threads:
            thread.join(120)
        assert not self.surprises, self.surprises[:3]


def trail(broker):
    """Every record, as an auditor exports it."""
    lines, after, auditor = [], 0, token("approver")
    while True:
        request = urllib.request.Request(f"{broker.url}/v1/audit?after={after}", headers={"Authorization": auditor})
        with sandbox_control.OPENER.open(request) as answer:
            page = json.load(answer)["records"]
        if not page:
            return lines
        lines += page
        after = page[-1]["sequence"]


def verify(lines, folder):
    file = folder / "trail.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    result = subprocess.run(["stsbroker", "audit", "verify", file], capture_output=True, text=True)
    assert result.returncode == 0, result
    assert [line["sequence"] for line in lines] == list(range(1, len(lines) + 1))


def compare(clients, lines):
    """Nothing that somebody has is missing from the trail, and nothing is there twice."""
    kinds = collections.defaultdict(list)
    for line in lines:
        kinds[line["kind"]].append(line)
    issued = [(line["request_id"], json.loads(line["details"])["accessKeyID"]) for line in kinds["issuance"]]
    for what in (clients.received, issued):
        assert len(set(what)) == len(what), "something was issued twice"
        assert len({request for request, _ in what}) == len(what), "a request was answered twice"
        assert len({key for _, key in what}) == len(what), "a key was handed out twice"
    missing = set(clients.received) - set(issued)
    assert not missing, f"{len(missing)} have credentials that the trail doesn't know: {missing}"
    for kind in ("request", "decision"):
        numbers = collections.Counter(line["request_id"] for line in kinds[kind])
        assert set(numbers.values()) == {1}, kind
        assert {request for request, _ in issued} <= set(numbers), kind
    # What was written down and reached nobody was on its way when the broker was killed.
    unheard = len(issued) - len(clients.received)
    assert 0 <= unheard <= len(KILLS) * CLIENTS, unheard


def main(folder):
    broker = OwnBroker(folder, {"limits": {"requests_per_second": 100_000, "address_requests_per_second": 100_000}})
    try:
        clients = Clients(broker.url, token("developer"))
        for count in KILLS:
            awaited(lambda: len(clients.received) >= count or clients.surprises, f"{count} issued", 240)
            assert not clients.surprises, clients.surprises
            broker.kill()
            broker.start()
        clients.finish()
        assert clients.broken >= len(KILLS), "nobody noticed"
        assert len(clients.received) >= WANTED
        lines = trail(broker)
        verify(lines, folder)
        compare(clients, lines)
        assert "audit trail broken" not in broker.log.read_text()
    finally:
        broker.kill()


with tempfile.TemporaryDirectory() as scratch:
    main(pathlib.Path(scratch))
