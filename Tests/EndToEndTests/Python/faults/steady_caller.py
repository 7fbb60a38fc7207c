"""A healthy caller in a process of its own: asks for one role a hundred times a second, over one connection or each time over a new
one, until its standard input ends. Prints the 99th percentile and the longest time, in milliseconds, of all calls and of each window of
two seconds.

A machine of two busy processors halts a process for 50 to 150 ms now and then. A caller waits for each answer, so that is one long
call: among the hundred and more of a window it moves no percentile. What comes back in window after window does, and what lasts
longer than such a halt counts by itself."""

import json
import select
import socket
import subprocess
import sys
import time
import typing

WINDOW_SECONDS = 2
LONGEST_P99_MILLISECONDS = 100


class Limits(typing.NamedTuple):
    """In milliseconds. A window is over them by its 99th percentile, or by one call that is longer than a halt by somebody else's work.
    No call may be as long as the longest. `spare` windows may be over in any case."""

    window_p99: int
    halt: int
    longest: int
    spare: int


# A new connection waits its turn behind a crowd's that come at that moment; when the queue is full, the kernel tries again after a
# second. The time in which a crowd comes may lie in two windows.
LIMITS = {"once": Limits(100, 500, 1500, 2), "anew": Limits(500, 1000, 2500, 2)}
# One of so many windows may be over the limits.
WINDOWS_FOR_ONE_OVER = 5
PAUSE_SECONDS = 0.01
WARM_UP_CALLS = 50


class SteadyCaller:
    """The other process, as a test starts and ends it."""

    def __init__(self, daemon, role, connects="once"):
        arguments = [str(daemon.ports["container"]), role, daemon.token_file.read_text(), connects]
        command = [sys.executable, "-B", "-m", "faults.steady_caller", *arguments]
        self.limits = LIMITS[connects]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def finish(self):
        output, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, "the healthy caller was let down"
        return judged(json.loads(output), self.limits)


class HealthyCallers:
    """One that keeps its connection, and one that connects for each call."""

    def __init__(self, daemon, role):
        self.callers = {connects: SteadyCaller(daemon, role, connects) for connects in ["once", "anew"]}

    def finish(self):
        return {f"connects_{connects}": caller.finish() for connects, caller in self.callers.items()}


def judged(report, limits):
    windows = report.pop("windows")
    assert windows, report
    over = sum(p99 >= limits.window_p99 or longest >= limits.halt for p99, longest in windows)
    assert over <= max(limits.spare, len(windows) // WINDOWS_FOR_ONE_OVER), f"{over} windows are over the limits: {windows}"
    assert report["p99"] < LONGEST_P99_MILLISECONDS, report
    assert report["longest"] < limits.longest, report
    return {**report, "worst_p99": max(windows)[0], "windows": len(windows), "over": over}


def main(port, role, token, connects):
    fields = f"Host: 127.0.0.1:{port}\r\nAuthorization: {token}\r\n"
    request = f"GET /role/{role} HTTP/1.1\r\n{fields}\r\n".encode()
    call = CALLS[connects](int(port), request)
    for _ in range(WARM_UP_CALLS):
        call()
    windows = []
    while not select.select([sys.stdin], [], [], 0)[0]:
        windows.append(window(call))
    if windows:
        everything = [one for times in windows for one in times]
        report = {"calls": len(everything), "p99": p99_of(everything), "longest": round(max(everything), 2)}
        print(json.dumps({**report, "windows": [[p99_of(times), round(max(times), 2)] for times in windows]}))


def window(call):
    times = []
    until = time.monotonic() + WINDOW_SECONDS
    while time.monotonic() < until:
        times.append(call())
        time.sleep(PAUSE_SECONDS)
    return times


def p99_of(times):
    return round(sorted(times)[len(times) * 99 // 100], 2)


def over_one_connection(port, request):
    server = connected(port)
    return lambda: timed(lambda: exchange(server, request))


def over_a_new_one(port, request):
    def whole():
        with connected(port) as server:
            exchange(server, request)

    return lambda: timed(whole)


def connected(port):
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def timed(work):
    """In milliseconds."""
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def exchange(server, request):
    server.sendall(request)
    answer = server.recv(65536)
    while len(answer.partition(b"\r\n\r\n")[2]) < length_of(answer):
        more = server.recv(65536)
        assert more, "the connection was closed"
        answer += more
    assert answer.startswith(b"HTTP/1.1 200"), answer.split(b"\r\n")[0]


def length_of(answer):
    assert answer, "the connection was closed"
    _, found, rest = answer.partition(b"Content-Length: ")
    return int(rest.split(b"\r\n")[0]) if found and b"\r\n" in rest else 1 << 20


CALLS = {"once": over_one_connection, "anew": over_a_new_one}

if __name__ == "__main__":
    main(*sys.argv[1:])
