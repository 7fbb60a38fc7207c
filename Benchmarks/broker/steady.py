"""Issuances at a steady rate, whatever the broker does: each is due at its instant, and is late from then on if it has to wait. So
a broker that stands still for a second shows it in a hundred of them, and not in one."""

import http.client
import json
import queue
import threading
import time

CLIENTS = 32
# Seconds before those that count, in which the keys of the identity provider are fetched.
WARM_UP = 1


def issuances(broker, rate, seconds):
    """The seconds that each took."""
    due, latencies, failures = queue.SimpleQueue(), [], []
    headers = {"Authorization": broker.token(), "Content-Type": "application/json"}
    body = json.dumps({"policy": broker.policy, "duration_seconds": 900})

    def client():
        connection = http.client.HTTPConnection("127.0.0.1", broker.port, timeout=30)
        while (instant := due.get()) is not None:
            time.sleep(max(0, instant - time.monotonic()))
            connection.request("POST", "/v1/credentials", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            latencies.append(time.monotonic() - instant)
            if answer.status != 200:
                failures.append((answer.status, text))

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    begin = time.monotonic() + 0.5
    warm = rate * WARM_UP
    for number in range(warm + rate * seconds):
        due.put(begin + number / rate)
    for _ in threads:
        due.put(None)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(f"{len(failures)} issuances failed: {failures[0]}")
    return latencies[warm:]
