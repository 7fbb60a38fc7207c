"""Runs the broker as a service manager would: told of its states, told to read its policies anew, also while it starts; and looks who may
read what it makes. Wants the sandbox's `env`. Ends at the first surprise."""

import os
import pathlib
import re
import signal
import socket
import sqlite3
import stat
import tempfile
import time

from own_broker import OwnBroker, awaited


def told(notices, assignment):
    """Waits until the broker tells that, and returns all that it told with it."""
    while True:
        text = notices.recv(4096).decode()
        if assignment in text.splitlines():
            return text


def tells(broker, notices):
    assert f"STATUS=Listens at port {broker.port}" in told(notices, "READY=1")
    broker.process.send_signal(signal.SIGHUP)
    reloading = told(notices, "RELOADING=1")
    stamp = int(re.search(r"MONOTONIC_USEC=(\d+)", reloading).group(1))
    assert abs(stamp / 1e6 - time.clock_gettime(time.CLOCK_MONOTONIC)) < 60, stamp
    assert "STATUS=Policies reloaded" in told(notices, "READY=1")
    policies = broker.file.with_name("policies.yaml")
    text = policies.read_text()
    policies.write_text("{")
    broker.process.send_signal(signal.SIGHUP)
    assert "STATUS=Policies not reloaded" in told(notices, "READY=1")
    policies.write_text(text)
    broker.process.terminate()
    told(notices, "STOPPING=1")
    assert broker.process.wait(60) == 0, broker.log.read_text()


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def keeps_its_files_to_itself(database, metrics):
    files = [database, *(database.with_name(database.name + end) for end in ("-wal", "-shm", ".lock", ".audit-key"))]
    modes = {file.name: oct(mode(file)) for file in files}
    assert set(modes.values()) == {"0o600"}, modes
    awaited(lambda: metrics.exists() and mode(metrics) == 0o660, "open to the group")


def has_open(process, path):
    folder = pathlib.Path(f"/proc/{process.pid}/fd")
    try:
        return any(os.path.realpath(link) == str(path) for link in folder.iterdir())
    except OSError:
        return False


def survives_a_signal_at_its_start(broker, database):
    """Its database is held for a moment, so that it can't be further than opening it."""
    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    broker.spawn()
    awaited(lambda: has_open(broker.process, pathlib.Path(f"{database}.lock")), "at its database")
    for _ in range(3):
        broker.process.send_signal(signal.SIGHUP)
        time.sleep(0.1)
    holder.execute("ROLLBACK")
    holder.close()
    awaited(broker.is_healthy, "healthy")
    broker.process.terminate()
    assert broker.process.wait(60) == 0, broker.log.read_text()


with tempfile.TemporaryDirectory() as scratch:
    folder = pathlib.Path(scratch).resolve()
    notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notices.bind(str(folder / "notify"))
    notices.settimeout(60)
    os.environ["NOTIFY_SOCKET"] = str(folder / "notify")
    broker = OwnBroker(folder, {"metrics": {"unix": str(folder / "metrics.sock")}})
    keeps_its_files_to_itself(folder / "broker.sqlite", folder / "metrics.sock")
    tells(broker, notices)
    survives_a_signal_at_its_start(broker, folder / "broker.sqlite")
