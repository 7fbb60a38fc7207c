"""Changes the policies of the sandbox's broker while it runs. Ends at the first surprise."""

import os
import pathlib
import signal
import subprocess
import time

from faults.own_daemon import sandbox_addresses

addresses = sandbox_addresses()
POLICIES = pathlib.Path(os.environ["STSBROKER_SOCKET"]).with_name("policies.yaml")
LOG = pathlib.Path(addresses["broker_log"])


def listed():
    return subprocess.run(["stsbroker", "policies"], capture_output=True, text=True, check=True).stdout


def reloaded(text, line):
    """Puts `text` in force, and waits until the log has one more of `line`."""
    POLICIES.write_text(text)
    before = LOG.read_text().count(line)
    os.kill(addresses["broker_pid"], signal.SIGHUP)
    until = time.monotonic() + 30
    while LOG.read_text().count(line) == before:
        assert time.monotonic() < until, LOG.read_text()
        time.sleep(0.05)


original = POLICIES.read_text()
assert "Build and try things out" in listed()
reloaded(original.replace("Build and try things out", "Something else"), "policies reloaded")
assert "Something else" in listed()
reloaded(original.replace("risk: 10", "risk: many"), "policies not reloaded")
assert "policies.yaml:" in LOG.read_text() and "Something else" in listed()
reloaded(original, "policies reloaded")
assert "Build and try things out" in listed()
