"""Reads a dripping answer: many small reads that make a whole XML document."""

import socket
import sys
import urllib.parse

address = urllib.parse.urlsplit(sys.argv[1])
connection = socket.create_connection((address.hostname, address.port), timeout=20)
connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
reads = []
while data := connection.recv(65536):
    reads.append(data)
answer = b"".join(reads)
assert answer.startswith(b"HTTP/1.1 403 Forbidden\r\n"), answer
assert answer.rstrip().endswith(b"</ErrorResponse>"), answer
# Under load several bytes may arrive at one read; a whole answer in a few reads would be no drip.
assert len(reads) > len(answer) / 20, (len(reads), len(answer))
