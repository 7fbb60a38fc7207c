"""Load by wrk, and what the server used for it."""

import dataclasses
import re
import subprocess

import processes

MICROSECONDS = {"us": 1, "ms": 1e3, "s": 1e6}


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    connections: int
    headers: tuple[str, ...] = ()


SCENARIOS = [
    Scenario("kept alive", 16),
    Scenario("kept alive", 64),
    Scenario("new connection for each", 16, ("Connection: close",)),
]


def measure(target, scenario, seconds):
    """Requests a second, the 50th and 99th percentile of latency and the server's processor time, in microseconds."""
    headers = [part for header in target.headers + scenario.headers for part in ["-H", header]]
    before = processes.processor_seconds(target.pid)
    output = subprocess.run(
        ["wrk", "-t1", f"-c{scenario.connections}", f"-d{seconds}s", "--latency", *headers, target.url],
        capture_output=True, text=True, check=True).stdout
    used = processes.processor_seconds(target.pid) - before
    if "Non-2xx" in output or "Socket errors" in output:
        raise ConnectionError(f"{target.name}: {output}")
    requests = int(re.search(r"(\d+) requests in", output)[1])
    return {
        "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1]),
        "p50": percentile(output, 50), "p99": percentile(output, 99), "cpu": used * 1e6 / requests,
    }


def percentile(output, which):
    number, unit = re.search(rf"^\s+{which}%\s+([\d.]+)(us|ms|s)$", output, re.M).groups()
    return float(number) * MICROSECONDS[unit]
