"""Plays a service that closes its connections when it shouldn't, and the clients of the proxy before it. Each request gets an answer, and the
service gets none twice that may do harm. Wants the proxy's URL and the path of the socket at which it looks for the service."""

import http.client
import os
import socket
import sys
import threading
import urllib.parse

PROXY, PATH = urllib.parse.urlsplit(sys.argv[1]).netloc, sys.argv[2]
# What the service does with one request after another, by connection; at the end it closes.
SCRIPTS = [
    ["answer"],
    ["answer", "drop"],
    ["answer"],
    ["answer", "drop"],
    ["answer"],
    ["answer", "drop"],
    ["answer", "drop"],
    ["drop"],
    ["drop"],
]


class Service(threading.Thread):
    """Remembers which connection had which requests."""

    def __init__(self):
        super().__init__(daemon=True)
        self.seen, self.closed = [], [threading.Event() for _ in SCRIPTS]
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(PATH)
        self.listener.listen()
        self.start()

    def run(self):
        for number, script in enumerate(SCRIPTS):
            connection = self.listener.accept()[0]
            with connection, connection.makefile("rb") as stream:
                for act in script:
                    method, body = self.request(stream)
                    self.seen.append((number, method))
                    if act == "answer":
                        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            self.closed[number].set()

    @staticmethod
    def request(stream):
        line, length = stream.readline(), 0
        while field := stream.readline().strip():
            name, _, value = field.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        return line.split()[0].decode(), stream.read(length)

    def closes(self, number):
        assert self.closed[number].wait(30), f"connection {number} is still open"


class Client:
    def __init__(self):
        self.connection = http.client.HTTPConnection(PROXY, timeout=30)

    def ask(self, method, body=b"", status=200):
        self.connection.request(method, "/", body or None)
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status == status, (method, answer.status, text)
        if status == 200:
            assert text == body, (method, len(text), len(body))
        else:
            assert b"closed the connection before it answered" in text, text
            assert answer.getheader("Connection") == "close"


service = Service()

client = Client()
client.ask("POST", b"a")
service.closes(0)
client.ask("POST", b"b")  # On a connection of its own, since the first is seen to be closed.
client.ask("GET")  # Read and dropped there; asked again on a third.
service.closes(2)
client.connection.close()

client, body = Client(), os.urandom(300_000)
client.ask("PUT", b"c")
client.ask("PUT", body)  # Dropped, and asked again with all of its body.
service.closes(4)
client.ask("POST", b"d")
client.ask("POST", b"e", status=502)  # Dropped. It may have been done, so nobody asks again.

client = Client()
client.ask("POST", b"f")
client.ask("DELETE", status=502)  # Dropped twice: it is asked again only once.

client = Client()
client.ask("POST", b"g", status=502)  # Dropped on a connection that had no other request.

service.closes(len(SCRIPTS) - 1)
assert service.seen == [
    (0, "POST"), (1, "POST"), (1, "GET"), (2, "GET"), (3, "PUT"), (3, "PUT"), (4, "PUT"), (5, "POST"), (5, "POST"),
    (6, "POST"), (6, "DELETE"), (7, "DELETE"), (8, "POST"),
], service.seen
