"""A broker that is told to stop: every request that it was sent over an open connection is answered, also while a mail server that says
nothing is waited for; and its audit trail is signed to the end, also where it stops by itself. Ends at the first surprise."""

import http.client
import json
import pathlib
import signal
import socket
import sqlite3
import tempfile
import threading
import time
import urllib.error

import sandbox_control
from own_broker import OwnBroker, awaited, free_port, token

CLIENTS = 8


class SilentServer:
    """Accepts whoever comes, and says nothing."""

    def __init__(self):
        self.listener, self.connections = socket.create_server(("127.0.0.1", 0)), []
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            self.connections.append(self.listener.accept()[0])


def worked(broker, counts, authorization):
    """Asks for credentials over one connection until the broker says that it closes it."""
    connection = http.client.HTTPConnection("127.0.0.1", broker.port, timeout=60)
    headers = {"Content-Type": "application/json", "Authorization": authorization}
    while True:
        counts["sent"] += 1
        try:
            connection.request("POST", "/v1/credentials", json.dumps({"policy": "readonly"}), headers)
            answer = connection.getresponse()
            body = json.loads(answer.read())
        except (OSError, http.client.HTTPException) as error:
            counts["broken"].append(repr(error))
            return
        assert answer.status == 200, (answer.status, body)
        counts["keys"].append(body["access_key_id"])
        if answer.will_close:
            counts["told"] = True
            return


def begun(broker, authorization):
    """A request of which half has been sent, and the other half."""
    connection = http.client.HTTPConnection("127.0.0.1", broker.port, timeout=60)
    connection.request("GET", "/healthz")
    assert connection.getresponse().read() is not None, "the broker has the connection"
    body = json.dumps({"policy": "readonly"}).encode()
    connection.putrequest("POST", "/v1/credentials")
    for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(body))),
                        ("Authorization", authorization)):
        connection.putheader(name, value)
    connection.endheaders(body[:8])
    return connection, body[8:]


def is_refused(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=60):
            return False
    except ConnectionRefusedError:
        return True


def status(url):
    """None where nobody answers."""
    try:
        with sandbox_control.OPENER.open(url) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def rows(folder, query):
    database = sqlite3.connect(folder / "broker.sqlite")
    found = database.execute(query).fetchall()
    database.close()
    return found


def signed_to_the_end(broker, folder):
    """The trail's last number, which a checkpoint has."""
    [(head,)] = rows(folder, "SELECT MAX(sequence) FROM audit")
    [(signed,)] = rows(folder, "SELECT MAX(sequence) FROM audit_checkpoints")
    assert signed == head, (signed, head, broker.log.read_text()[-3000:])
    return head


def drains_under_load(folder):
    broker = OwnBroker(folder, {"limits": {"requests_per_second": 100_000, "address_requests_per_second": 100_000}})
    authorization = token("developer")
    work = [{"sent": 0, "keys": [], "broken": [], "told": False} for _ in range(CLIENTS)]
    threads = [threading.Thread(target=worked, args=(broker, counts, authorization)) for counts in work]
    idle = http.client.HTTPConnection("127.0.0.1", broker.port, timeout=60)
    idle.request("GET", "/healthz")
    idle.getresponse().read()
    for thread in threads:
        thread.start()
    while any(len(counts["keys"]) < 5 for counts in work):
        assert all(thread.is_alive() for thread in threads), work
        time.sleep(0.05)
    broker.process.send_signal(signal.SIGTERM)
    for thread in threads:
        thread.join()
    assert broker.process.wait(timeout=60) == 0, broker.log.read_text()[-3000:]
    for counts in work:
        assert not counts["broken"] and counts["told"] and counts["sent"] == len(counts["keys"]), counts
    assert idle.sock.recv(1) == b"", "the idle connection was not closed in order"
    recorded = {json.loads(details)["accessKeyID"] for (details,) in
                rows(folder, "SELECT details FROM audit WHERE kind = 'issuance'")}
    assert recorded == {key for counts in work for key in counts["keys"]}
    signed_to_the_end(broker, folder)


def drains_beside_silence(folder):
    """While a notice is being handed to a server that says nothing."""
    silent, port = SilentServer(), free_port()
    mail = {"server": f"127.0.0.1:{silent.port}", "tls": "none", "from": "broker@example.com", "to": ["duty@example.com"]}

    def tell_approvers(policy):
        if "approval" in policy:
            policy["approval"]["notify"] = ["duty"]

    broker = OwnBroker(folder, {
        "metrics": {"address": f"127.0.0.1:{port}"},
        "notifications": {"targets": [{"name": "duty", "smtp": mail}]}}, tell_approvers)
    readiness = f"http://127.0.0.1:{port}/readyz"
    awaited(lambda: status(readiness) == 200, "ready")
    answer = broker.call("POST", "/v1/requests", "developer", {"policy": "admin", "reason": "a release"})
    assert answer[0] == 201, answer
    awaited(lambda: silent.connections, "at the mail server")
    connection, rest = begun(broker, token("developer"))
    broker.process.send_signal(signal.SIGTERM)
    awaited(lambda: is_refused(broker.port), "refusing connections")
    assert status(readiness) == 503
    connection.send(rest)
    answer = connection.getresponse()
    assert (answer.status, answer.will_close) == (200, True), (answer.status, answer.read())
    answer.read()
    assert broker.process.wait(timeout=60) == 0, broker.log.read_text()[-3000:]
    signed_to_the_end(broker, folder)
    assert rows(folder, "SELECT failures FROM outbox") == [(0,)], "the notice is kept, for the next start"
    return broker


def fails_and_is_signed(broker, folder):
    """Where something of the broker can't run, all of it is cancelled at once."""
    before = signed_to_the_end(broker, folder)
    policies = json.loads((folder / "policies.yaml").read_text())
    policies["policies"][0]["description"] = "is another one"
    (folder / "policies.yaml").write_text(json.dumps(policies))
    with socket.create_server(("127.0.0.1", broker.port)):
        broker.spawn()
        assert broker.process.wait(timeout=60) == 1, broker.log.read_text()[-3000:]
    assert signed_to_the_end(broker, folder) > before


with tempfile.TemporaryDirectory() as scratch:
    drains_under_load(pathlib.Path(scratch))
with tempfile.TemporaryDirectory() as scratch:
    fails_and_is_signed(drains_beside_silence(pathlib.Path(scratch)), pathlib.Path(scratch))
