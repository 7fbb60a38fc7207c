"""Prints how the server ends a connection: "reset" or "end"."""

import socket
import sys
import urllib.parse

address = urllib.parse.urlsplit(sys.argv[1])
connection = socket.create_connection((address.hostname, address.port), timeout=20)
connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
try:
    data = connection.recv(100)
    print("end" if data == b"" else data, end="")
except ConnectionResetError:
    print("reset", end="")
