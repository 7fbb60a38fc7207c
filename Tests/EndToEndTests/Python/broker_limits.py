"""What a broker bears from clients that are slow, many, long-winded or in a loop, over raw sockets. Ends at the first surprise."""

import pathlib
import socket
import tempfile
import threading
import time

from own_broker import OwnBroker, awaited, token

# The broker's own limits are 10 s for a first request's head and 20 s for a body or for reading; the rest is for a busy machine.
PATIENCE = 90


def connected(broker):
    connection = socket.create_connection(("127.0.0.1", broker.port), timeout=PATIENCE)
    return connection


def is_closed(connection):
    """Whether the other end has closed; what it still sends is read."""
    try:
        while connection.recv(65536):
            pass
    except ConnectionError:
        pass
    except TimeoutError:
        return False
    return True


def dripped(broker, start, drop):
    """Seconds until the broker closes on a client that sends `start`, and then `drop` again and again."""
    began = time.monotonic()
    with connected(broker) as connection:
        connection.sendall(start)
        connection.settimeout(0.5)
        while time.monotonic() - began < PATIENCE:
            try:
                connection.sendall(drop)
                if not connection.recv(65536):
                    return time.monotonic() - began
            except TimeoutError:
                continue
            except ConnectionError:
                return time.monotonic() - began
    raise AssertionError(f"{start[:20]} went on for {PATIENCE} s")


def not_reading(broker):
    """Seconds until the broker gives up on a client that asks and doesn't read."""
    began = time.monotonic()
    with connected(broker) as connection:
        connection.settimeout(1)
        request = b"GET /openapi.yaml HTTP/1.1\r\nHost: broker\r\n\r\n" * 50
        while time.monotonic() - began < PATIENCE:
            try:
                connection.sendall(request)
            except TimeoutError:
                continue
            except ConnectionError:
                return time.monotonic() - began
            time.sleep(0.05)
    raise AssertionError(f"not given up after {PATIENCE} s")


def slow_clients(broker):
    """All at once, and beside them the others are served."""
    cases = {
        "silent": lambda: dripped(broker, b"", b""),
        "head": lambda: dripped(broker, b"GET /healthz HTTP/1.1\r\nHost: broker\r\nX: ", b"x"),
        "body": lambda: dripped(
            broker, b"POST /v1/credentials HTTP/1.1\r\nHost: broker\r\nContent-Type: application/json\r\n"
                    b"Authorization: " + token("developer").encode() + b"\r\nContent-Length: 10000\r\n\r\n", b" "),
        "not reading": lambda: not_reading(broker),
    }
    took = {}
    threads = [threading.Thread(target=lambda name=name, case=case: took.update({name: case()})) for name, case in cases.items()]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert broker.call("GET", "/v1/policies", "developer")[0] == 200
        time.sleep(0.2)
    assert set(took) == set(cases), took
    # None was cut off for nothing.
    assert took["head"] > 5 and took["silent"] > 5 and took["body"] > 10, took


def many_connections(broker, most):
    # Some more than there may be; connections of before may still be about to close.
    tried = [connected(broker) for _ in range(most + 10)]
    connections = [connection for connection in tried if is_answered(connection)]
    assert len(connections) <= most, len(connections)
    while len(connections) < most:
        connections.append(awaited(lambda: opened(broker), "a connection"))
    with connected(broker) as surplus:
        assert is_closed(surplus)
    connections.pop().close()
    awaited(lambda: admitted(broker), "a place for another one")
    for connection in connections:
        connection.close()
    awaited(lambda: admitted(broker), "places again")


def is_answered(connection):
    try:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: broker\r\n\r\n")
        return connection.recv(65536).startswith(b"HTTP/1.1 200")
    except ConnectionError:
        return False


def opened(broker):
    connection = connected(broker)
    return connection if is_answered(connection) else None


def admitted(broker):
    with connected(broker) as connection:
        return is_answered(connection)


def answer(broker, request):
    with connected(broker) as connection:
        received = b""
        try:
            connection.sendall(request)
            while part := connection.recv(65536):
                received += part
                if b"\r\n\r\n" in received:
                    break
        except ConnectionError:
            pass
    return received


def long_winded(broker):
    # A head that is too long is answered, or cut off; it is never taken.
    head = b"GET /healthz HTTP/1.1\r\nHost: broker\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"
    fields = b"GET /healthz HTTP/1.1\r\nHost: broker\r\n" + b"X: x\r\n" * 500 + b"\r\n"
    for request in (head, fields):
        assert answer(broker, request)[:12] in (b"", b"HTTP/1.1 400", b"HTTP/1.1 431"), request[:40]
    body = (b"POST /v1/credentials HTTP/1.1\r\nHost: broker\r\nContent-Type: application/json\r\nAuthorization: "
            + token("developer").encode() + b"\r\nContent-Length: 70000\r\n\r\n" + b" " * 70_000)
    assert answer(broker, body).startswith(b"HTTP/1.1 413")
    assert broker.call("GET", "/healthz", None)[0] == 200


def in_a_loop(folder):
    folder.mkdir()
    broker = OwnBroker(folder, {"limits": {"address_requests_per_second": 2}})
    with connected(broker) as connection:
        connection.sendall(b"GET /v1/policies HTTP/1.1\r\nHost: broker\r\n\r\n" * 40)
        received = b""
        while received.count(b"HTTP/1.1 ") < 40 or not received.endswith(b"}"):
            received += connection.recv(65536)
    refusals = received.count(b"HTTP/1.1 429 ")
    assert refusals >= 10 and received.lower().count(b"retry-after: ") == refusals, received[-500:]
    assert received.count(b"HTTP/1.1 401") >= 1
    broker.kill()


def main():
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        (folder / "one").mkdir()
        broker = OwnBroker(folder / "one", {"limits": {
            "connections_per_address": 20, "address_requests_per_second": 100_000, "requests_per_second": 1000}})
        slow_clients(broker)
        many_connections(broker, 20)
        long_winded(broker)
        broker.kill()
        in_a_loop(folder / "two")


main()
