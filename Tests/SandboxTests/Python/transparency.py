"""Sends odd but legal requests through a proxy and checks that its service got exactly these."""

import base64
import http.client
import json
import os
import sys
import urllib.parse

host = urllib.parse.urlsplit(sys.argv[1]).netloc
connection = http.client.HTTPConnection(host, timeout=30)
socket_before = None


def exchange(method, target, headers, body, chunked=False):
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value)
    if chunked:
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()
        for start in range(0, len(body), 1000):
            part = body[start:start + 1000]
            connection.send(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        connection.send(b"0\r\n\r\n")
    else:
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
    response = connection.getresponse()
    echo = json.loads(response.read())
    assert response.status == 200
    assert echo["method"] == method, echo
    assert echo["target"] == target, echo
    assert echo["host"] == dict(headers)["Host"], echo
    given = [[name, value] for name, value in headers if name != "Host"]
    assert [pair for pair in echo["headers"] if pair in given] == given, (echo["headers"], given)
    assert base64.b64decode(echo["body"]) == (body or b""), "another body"
    return connection.sock


target = "/a%2Fb/../c?x=%zz&y=+%20&&=&z"
headers = [("Host", "sts.example:1"), ("X-Amz-Date", "20260101T000000Z"), ("Repeated", "1"), ("Repeated", "2"),
           ("Authorization", "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0")]
first = exchange("PUT", target, headers, os.urandom(300_000))
second = exchange("PUT", target, headers, os.urandom(5_000), chunked=True)
third = exchange("GET", "/", headers, None)
fourth = exchange("POST", "/", headers, b"")
assert first is second is third is fourth, "the connection was not kept"
