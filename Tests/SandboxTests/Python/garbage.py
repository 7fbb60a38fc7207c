"""Throws garbage at the servers. Each answer must be a 4xx or an orderly end, never a 5xx, and the server must live on."""

import random
import socket
import sys
import urllib.parse

RANDOM = random.Random(20260101)
WORDS = [b"GET", b"POST", b" ", b"/", b"HTTP/1.1", b"\r\n", b"Host: x", b"Content-Length: 5", b"Content-Length: -1",
         b"Transfer-Encoding: chunked", b"Authorization: AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request",
         b"?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=9223372036854775808", b"Action=AssumeRole", b"%", b"%zz", b"&",
         b"=", b"Tags.member.99999999999999999999.Key=x", b"DurationSeconds=-9223372036854775808", b"\x00", b"\xff\xfe",
         b"WebIdentityToken=a.b.c", b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15", b"X-Amz-Date: 0",
         b"Content-Type: application/x-www-form-urlencoded", b"grant_type=refresh_token", b"client_id=stsbroker",
         b"/token", b"/authorize?", b"/device?user_code=%", b"{\"", b"A" * 5000]
VALID = (b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
         b"Connection: close\r\nContent-Length: %d\r\n\r\n%s")


def noise():
    return b"".join(RANDOM.choice(WORDS) for _ in range(RANDOM.randrange(1, 25)))


def answers(url, data):
    address = urllib.parse.urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return connection.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            return b""


for url in sys.argv[1:]:
    path = urllib.parse.urlsplit(url)
    for number in range(150):
        if number % 2:
            data = noise() + b"\r\n\r\n"
        else:
            body = b"&".join(noise() for _ in range(3)).replace(b"\r\n", b"&")
            data = VALID % (RANDOM.choice([b"/", b"/token", b"/authorize", b"/device", b"/revoke"]), len(body), body)
        answer = answers(url, data)
        if answer:
            status = int(answer.split(b" ", 2)[1])
            assert status < 500, (url, data, answer)
            assert status >= 400 or not number % 2 == 0, (url, data, answer)
    unread = answers(url, b"NOT HTTP AT ALL\r\n\r\n")
    assert unread.startswith(b"HTTP/1.1 400 "), unread
