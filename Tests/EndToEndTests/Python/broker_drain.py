"""A broker that is told to stop under load: every request that it was sent over an open connection is answered. Ends at the first
surprise."""

import http.client
import json
import pathlib
import signal
import sqlite3
import tempfile
import threading
import time

from own_broker import OwnBroker, token

CLIENTS = 8


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


def main():
    with tempfile.TemporaryDirectory() as scratch:
        broker = OwnBroker(pathlib.Path(scratch), {"limits": {
            "requests_per_second": 100_000, "address_requests_per_second": 100_000}})
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
        database = sqlite3.connect(pathlib.Path(scratch) / "broker.sqlite")
        recorded = {json.loads(details)["accessKeyID"] for (details,) in
                    database.execute("SELECT details FROM audit WHERE kind = 'issuance'")}
        assert recorded == {key for counts in work for key in counts["keys"]}


main()
