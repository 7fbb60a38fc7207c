"""From exec to the first answer."""

import os
import signal
import socket
import statistics
import time

import asking

CONFIGURATION = """
broker: {{url: "http://127.0.0.1:9"}}
identity_provider: {{issuer: "http://127.0.0.1:9", client_id: stsbroker}}
roles: [{{name: developer, policy: developer}}]
listeners: [{{name: imds, face: imds, address: "127.0.0.1:{port}"}}]
callers: [{{user: "{user}", roles: [developer]}}]
control_socket: "{scratch}/control.sock"
token_directory: "{scratch}/tokens"
"""


def daemon(binary, scratch):
    """The daemon by itself: a session token is its first answer, since it is signed in nowhere."""
    port = asking.free_port()
    file = scratch / "cold.yaml"
    file.write_text(CONFIGURATION.format(port=port, user=os.geteuid(), scratch=scratch))
    header = ("X-aws-ec2-metadata-token-ttl-seconds: 60", "Content-Length: 0")
    target = asking.Target("stsbrokerd", f"http://127.0.0.1:{port}/latest/api/token", header, 0, str(binary))
    return median([binary, "--config", file], port, target.request(method="PUT"))


def median(command, port, request, times=20):
    """In milliseconds."""
    return statistics.median(once([str(part) for part in command], port, request) for _ in range(times)) * 1e3


def once(command, port, request):
    silent = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_RDWR, 0) for descriptor in [1, 2]]
    start = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=silent)
    try:
        with connected(port, start + 30) as connection:
            got = asking.answer(connection, request)
        elapsed = time.perf_counter() - start
    finally:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
    if not got.startswith(b"HTTP/1.1 200 "):
        raise ConnectionError(got.decode())
    return elapsed


def connected(port, end):
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=10)
        except ConnectionRefusedError:
            if time.perf_counter() > end:
                raise
            time.sleep(0.0001)
