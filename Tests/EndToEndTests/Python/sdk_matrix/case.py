"""One tool on one face, from its first credentials until it has moved to newer ones."""

import glob
import importlib
import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

import recorder
import task

# Instance metadata clients allow one second and one attempt; forty interpreters starting at once take longer than that.
STARTING = threading.Semaphore(2)
SECONDS_TO_REFRESH = 100
SECONDS_BETWEEN_USES = 3
SECONDS_FOR_ONE_USE = 60


class Client:
    """A context manager around the process of client.py."""

    def __init__(self, mine, tool):
        self._scratch = pathlib.Path(mine.scratch)
        self._clock = self._scratch / "clock"
        self._environment = mine.environment() | getattr(tool, "environment", lambda _: {})(mine)
        self._clocks = getattr(tool, "CLOCKS", {}).get(mine.face)
        if self._clocks:
            self._environment |= self._adjustable_clock()

    def __enter__(self):
        self._log = open(self._scratch / "log", "w")
        script = pathlib.Path(__file__).with_name("client.py")
        self._process = subprocess.Popen(
            [sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True,
            env=self._environment, cwd=self._scratch,
        )
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.communicate()
        self._log.close()

    def use(self):
        """Returns what went wrong, or None."""
        overdue = threading.Timer(SECONDS_FOR_ONE_USE, self._process.kill)
        overdue.start()
        try:
            print("use", file=self._process.stdin, flush=True)
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        finally:
            overdue.cancel()
        problem = json.loads(answer)["problem"] if answer else "the client hung or died"
        return problem and f"{problem}; it said: {(self._scratch / 'log').read_text(errors='replace')[-600:]}"

    def go_on_in_time(self):
        """Puts the client's clock forward, if the tool asks for that."""
        if self._clocks:
            self._clock.write_text(self._clocks[1])

    def _adjustable_clock(self):
        libraries = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        self._clock.write_text(self._clocks[0])
        return {
            "LD_PRELOAD": libraries[0] if libraries else "libfaketimeMT.so.1",
            "FAKETIME_TIMESTAMP_FILE": str(self._clock),
            "FAKETIME_NO_CACHE": "1",
        }


def run(name, face, addresses, daemon):
    """Returns the case's part of the report."""
    tool = importlib.import_module(f"tools.{name}")
    bucket = f"{name}-{face}".replace("_", "-")
    problems, keys = [], []
    with recorder.Recorder(bucket, daemon) as service, tempfile.TemporaryDirectory() as scratch:
        mine = task.Task(name, face, service.endpoint, bucket, scratch, **addresses)
        with Client(mine, tool) as client:
            problems = exercise(client, service, daemon)
        keys = service.keys
        problems += service.problems
    return {"tool": tool.NAME, "face": face, "keys": len(keys), "problems": problems}


def exercise(client, service, daemon):
    """Returns what went wrong: one problem, or none."""
    with STARTING:
        problem = client.use()
    if problem or not service.keys:
        return [problem or "no request reached the service"]
    if service.problems:
        return []
    first = service.keys[-1]
    daemon.wait_for_newer(first)
    client.go_on_in_time()
    until = time.monotonic() + SECONDS_TO_REFRESH
    while not daemon.is_newer(service.keys[-1], first):
        if time.monotonic() > until:
            return [f"still the first credentials {SECONDS_TO_REFRESH} seconds after the daemon's change"]
        time.sleep(SECONDS_BETWEEN_USES)
        if problem := client.use():
            return [problem]
    return []
