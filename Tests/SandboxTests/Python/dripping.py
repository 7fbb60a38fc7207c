"""Reads a dripping answer, has the fault cleared on the way, and expects a whole XML document."""

import socket
import sys
import urllib.parse
import urllib.request

address = urllib.parse.urlsplit(sys.argv[1])
connection = socket.create_connection((address.hostname, address.port), timeout=20)
connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
reads = [connection.recv(65536) for _ in range(30)]
# Under load several bytes may arrive at one read; a whole answer in thirty reads would be no drip.
assert all(reads) and sum(map(len, reads)) < 300, reads
urllib.request.urlopen(urllib.request.Request(sys.argv[2] + "/faults", method="DELETE"), timeout=30)
while data := connection.recv(65536):
    reads.append(data)
answer = b"".join(reads)
assert answer.startswith(b"HTTP/1.1 403 Forbidden\r\n"), answer
assert answer.rstrip().endswith(b"</ErrorResponse>"), answer
