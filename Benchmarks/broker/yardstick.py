"""What the machine makes of the work of an issuance, whoever does it: two processes that take the same processor time and sync the
same, and do nothing else (issuance.c)."""

import contextlib
import pathlib
import socket
import subprocess

import asking
import brokers
import processes
import steady

SOURCE = pathlib.Path(__file__).resolve().parent.parent / "issuance.c"


class Yardstick:
    """Is asked as a broker is (``steady.issuances``)."""

    policy = "none"

    def __init__(self, scratch):
        self.program, self.file = scratch / "issuance", scratch / "issuance.log"
        subprocess.run(["cc", "-O2", "-Wall", "-Werror", "-pthread", "-o", self.program, SOURCE], check=True)
        self.port, self.sts_port = asking.free_port(), asking.free_port()

    def token(self):
        return "as long as an ID token".ljust(1000)

    def latencies(self, own, sts, rate, seconds):
        """The seconds that each took; `own` and `sts` are the seconds of processor time that the two processes take for each."""
        with self.listening(self.sts_port, sts), self.listening(self.port, own, self.file, self.sts_port):
            return steady.issuances(self, rate, seconds)

    @contextlib.contextmanager
    def listening(self, port, seconds, *more):
        with processes.running([str(part) for part in [self.program, port, seconds * 1e3, *more]]) as process:
            brokers.awaited(lambda: process.poll() is not None or is_open(port))
            yield


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
