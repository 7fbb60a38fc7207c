"""Puts to use a million IMDSv2 tokens and gets credentials a million times, or STSBROKER_SOAK_REQUESTS of each, and prints how
much memory the daemon holds at the start, in the middle and at the end."""

import json
import os
import socket
import time

from faults.bent_broker import BentBroker
from faults.own_daemon import OwnDaemon
from faults.watcher import Watcher

TIMES = int(os.environ.get("STSBROKER_SOAK_REQUESTS", "1000000"))
# Of requests that are sent before the first is answered.
BATCH = 100
# What is kept for good grows with the requests; what the allocator keeps does not, after the first ones.
WARM_UP = 20_000
# In MiB, from the middle to the end.
MOST_GROWTH = 4
PATH = "/latest/meta-data/iam/security-credentials/developer"


class Talk:
    """One connection, over which all answers to one request have one length."""

    def __init__(self, port):
        self.host = f"127.0.0.1:{port}"
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)

    def ask(self, method, path, field):
        self.socket.sendall(self._request(method, path, field))
        answer = self.socket.recv(65536)
        assert answer.startswith(b"HTTP/1.1 200 "), answer[:200]
        return answer

    def repeat(self, times, method, path, field):
        for _ in range(times // BATCH):
            self.socket.sendall(self._request(method, path, field) * BATCH)
            self._read(BATCH)

    def _request(self, method, path, field):
        return f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\n{field}\r\n\r\n".encode()

    def _read(self, count):
        """A status line may be cut by the end of a read, so the last bytes of each are looked at again."""
        good, tail = 0, b""
        while good < count:
            more = self.socket.recv(1 << 20)
            assert more, "the connection was closed"
            text = tail + more
            good += text.count(b"HTTP/1.1 200 OK\r\n")
            assert text.count(b"HTTP/1.1 ") == text.count(b"HTTP/1.1 200") or text[-12:].count(b"HTTP"), text[:300]
            tail = text[-16:]


def use(daemon, times):
    """As many new tokens as credentials."""
    talk = Talk(daemon.ports["imds"])
    lifetime = "X-aws-ec2-metadata-token-ttl-seconds: 21600"
    token = talk.ask("PUT", "/latest/api/token", lifetime).partition(b"\r\n\r\n")[2].decode()
    talk.repeat(times, "PUT", "/latest/api/token", lifetime)
    talk.repeat(times, "GET", PATH, f"X-aws-ec2-metadata-token: {token}")
    talk.socket.close()


def main():
    roles = {"developer": "developer+developer"}
    with BentBroker() as broker, OwnDaemon(broker.url, roles) as daemon:
        daemon.sign_in()
        watcher = Watcher(daemon, broker, "developer")
        watcher.wait_for_success(30)
        watcher.finish()
        use(daemon, WARM_UP)
        memory, begin = [daemon.resident_mebibytes()], time.monotonic()
        for _ in range(2):
            use(daemon, TIMES // 2)
            memory.append(daemon.resident_mebibytes())
        names = ["start", "middle", "end"]
        report = {f"mebibytes_{name}": round(value, 2) for name, value in zip(names, memory)}
        assert memory[2] - memory[1] < MOST_GROWTH, report
    print(json.dumps({"times": TIMES, **report, "seconds": round(time.monotonic() - begin, 1)}))


if __name__ == "__main__":
    main()
