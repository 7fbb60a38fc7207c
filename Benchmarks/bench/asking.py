"""One request over a plain socket."""

import dataclasses
import re
import socket
import urllib.parse


@dataclasses.dataclass(frozen=True)
class Target:
    """What is asked, and the process that answers."""

    name: str
    url: str
    headers: tuple[str, ...]
    pid: int
    binary: str

    @property
    def port(self):
        return urllib.parse.urlsplit(self.url).port

    def request(self, *more, method="GET"):
        path = urllib.parse.urlsplit(self.url).path
        return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *self.headers, *more, "", ""]).encode()


def answer(connection, request):
    """The whole answer, head and body; the connection can be asked again."""
    connection.sendall(request)
    got = b""
    while True:
        head, blank, body = got.partition(b"\r\n\r\n")
        if blank and len(body) >= int(re.search(rb"(?i)\r\ncontent-length: (\d+)", head)[1]):
            return got
        more = connection.recv(65536)
        if not more:
            raise ConnectionError(f"ended after {got!r}")
        got += more


def ask(port, request):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        got = answer(connection, request)
    if not got.startswith(b"HTTP/1.1 200 "):
        raise ConnectionError(got.decode())
    return got


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
