"""A healthy caller in a process of its own: asks for one role over one connection, a hundred times a second, until its
standard input ends. Prints the 99th percentile, in milliseconds, of each window of two seconds, and the longest time of all.

On a machine of two busy processors a single window may suffer from somebody else's work, so tests judge the median window."""

import json
import select
import socket
import statistics
import subprocess
import sys
import time

WINDOW_SECONDS = 2
LONGEST_P99_MILLISECONDS = 100
PAUSE_SECONDS = 0.01


class SteadyCaller:
    """The other process, as a test starts and ends it."""

    def __init__(self, daemon, role):
        arguments = [str(daemon.ports["container"]), role, daemon.token_file.read_text()]
        command = [sys.executable, "-B", "-m", "faults.steady_caller", *arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def finish(self):
        output, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, "the healthy caller was let down"
        report = json.loads(output)
        windows = report["p99_milliseconds"]
        assert windows, report
        assert statistics.median(windows) < LONGEST_P99_MILLISECONDS, report
        return {"p99": statistics.median(windows), "worst_p99": max(windows), **report["all"]}


def main(port, role, token):
    server = socket.create_connection(("127.0.0.1", int(port)), timeout=20)
    fields = f"Host: 127.0.0.1:{port}\r\nAuthorization: {token}\r\n"
    request = f"GET /role/{role} HTTP/1.1\r\n{fields}\r\n".encode()
    for _ in range(50):
        timed_call(server, request)
    windows = []
    while not select.select([sys.stdin], [], [], 0)[0]:
        windows.append(window(server, request))
    p99s = [round(sorted(times)[len(times) * 99 // 100], 2) for times in windows]
    everything = [one for times in windows for one in times]
    print(json.dumps({"p99_milliseconds": p99s, "all": {"calls": len(everything), "longest": round(max(everything), 2)}}))


def window(server, request):
    times = []
    until = time.monotonic() + WINDOW_SECONDS
    while time.monotonic() < until:
        times.append(timed_call(server, request))
        time.sleep(PAUSE_SECONDS)
    return times


def timed_call(server, request):
    """In milliseconds."""
    begin = time.perf_counter()
    server.sendall(request)
    answer = server.recv(65536)
    while len(answer.partition(b"\r\n\r\n")[2]) < length_of(answer):
        more = server.recv(65536)
        assert more, "the connection was closed"
        answer += more
    elapsed = (time.perf_counter() - begin) * 1000
    assert answer.startswith(b"HTTP/1.1 200"), answer.split(b"\r\n")[0]
    return elapsed


def length_of(answer):
    assert answer, "the connection was closed"
    _, found, rest = answer.partition(b"Content-Length: ")
    return int(rest.split(b"\r\n")[0]) if found and b"\r\n" in rest else 1 << 20


if __name__ == "__main__":
    main(*sys.argv[1:])
