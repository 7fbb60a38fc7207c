"""What must not harm others: requests that are too large, too slow, too many, or none at all."""

import select
import time

from endpoint import check
from http11 import request

# Within this, a server ends a request that comes byte by byte.
LONGEST_REQUEST_SECONDS = 70
# No request, but its first line or a field is nearly one.
MALFORMED = [b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nHost : x\r\n\r\n"]
# Nothing that an answer could be sent to.
NOISE = [b"\x16\x03\x01\x02\x00\x01\x00", b"\r\n" * 50, b"\0" * 100]


def huge_heads(endpoint):
    "Huge heads are answered with 4xx, and others are served"
    many = [(f"X-{number}", "x") for number in range(2000)]
    for path, headers in [("/", [("X-Filler", "x" * 70000)]), ("/", many), ("/" + "x" * 70000, [])]:
        endpoint.check_refusal(endpoint.get(path, headers))
    served(endpoint)


def malformed(endpoint):
    "What is nearly a request is answered with 4xx, and others are served"
    for data in MALFORMED:
        answer = answer_to(endpoint, data)
        assert answer, f"{data}: no answer"
        endpoint.check_refusal(answer)
    served(endpoint)


def noise(endpoint):
    "What is no request is answered with 4xx, or the connection is closed without a reset, and others are served"
    for data in NOISE:
        answer = answer_to(endpoint, data)
        if answer:
            endpoint.check_refusal(answer)
    served(endpoint)


def half_requests(endpoint):
    "A hundred clients that never finish their requests, and a hundred that never begin one, keep nobody waiting"
    idle = [endpoint.connection() for _ in range(200)]
    for connection in idle[:100]:
        connection.send("GET / HTTP/1.1\r\nHost: ")
    served(endpoint)
    for connection in idle:
        connection.socket.close()


def untaken_answers(endpoint):
    "Who sends hundreds of requests and takes no answer keeps nobody waiting"
    with endpoint.connection() as connection:
        connection.send(request("GET", "/nothing", endpoint.fields()) * 300)
        served(endpoint)


def slow_request(endpoint):
    "A request that comes byte by byte is ended with 4xx or a close, and others are served meanwhile"
    begin = time.monotonic()
    with endpoint.connection() as connection:
        connection.send("GET / HTTP/1.1\r\nX-Slow: ")
        while not select.select([connection.socket], [], [], 1)[0]:
            assert time.monotonic() - begin < LONGEST_REQUEST_SECONDS, f"it may take more than {LONGEST_REQUEST_SECONDS} s"
            connection.send("x")
            served(endpoint)
        answer = connection.answer()
    if answer:
        endpoint.check_refusal(answer)


def answer_to(endpoint, data):
    """None if the connection ends without one."""
    with endpoint.connection() as connection:
        connection.send(data + b"\r\n\r\n")
        connection.socket.shutdown(1)
        return connection.answer()


def served(endpoint):
    answer = endpoint.get("/")
    check(answer.status == 200, answer)


CASES = [huge_heads, malformed, noise, half_requests, untaken_answers, slow_request]
