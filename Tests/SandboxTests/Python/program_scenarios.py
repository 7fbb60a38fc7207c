"""Runs stsbroker-sandbox with stand-ins for the broker and the daemon. Exits non-zero with the first broken expectation."""

import json
import os
import pathlib
import shutil
import signal
import stat
import subprocess
import sys
import time
import urllib.request

SCENARIO, PROGRAM, SCRATCH = sys.argv[1:4]
HERE = pathlib.Path(__file__).parent
BIN = pathlib.Path(SCRATCH) / "bin"
STATE = pathlib.Path(SCRATCH) / "state"


def install(broker="fake_broker.py", daemon="fake_daemon.py"):
    BIN.mkdir(exist_ok=True)
    # Python looks for modules beside the script that it runs.
    shutil.copy(HERE / "fake_control_socket.py", BIN)
    for name, source in {"stsbroker-server": broker, "stsbrokerd": daemon}.items():
        text = (HERE / source).read_text() if source.endswith(".py") else source
        target = BIN / name
        target.write_text(f"#!{sys.executable}\n{text}" if source.endswith(".py") else text)
        target.chmod(0o755)


def start(*options):
    return subprocess.Popen([PROGRAM, "--state-dir", str(STATE), "--bin-dir", str(BIN), *options],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)


def ready(process, seconds=40):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"ended with {process.returncode}: {process.communicate()}")
        # A killed sandbox leaves its file behind; the next one's has another pid.
        if (STATE / "sandbox.json").exists():
            facts = json.loads((STATE / "sandbox.json").read_text())
            if facts["pid"] == process.pid:
                return facts
        time.sleep(0.05)
    process.kill()
    raise AssertionError(f"not ready: {process.communicate()}")


def lives(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pid, seconds=20):
    deadline = time.monotonic() + seconds
    while lives(pid):
        assert time.monotonic() < deadline, f"process {pid} lives on"
        time.sleep(0.05)


def life_cycle():
    install()
    process = start("--lifetime", "60s")
    facts = ready(process)
    assert facts["user"] == "developer" and facts["token_file"] == "/nowhere/token", facts
    assert facts["imds_url"] == "http://127.0.0.1:40001/", facts
    assert facts["container_url"] == "http://127.0.0.1:40002/role/developer", facts
    for name in ["env", "env.imds", "sandbox.json", "stsbrokerd.yaml", "broker.log", "daemon.log", "broker.sock"]:
        mode = stat.S_IMODE((STATE / name).stat().st_mode)
        assert mode & 0o077 == 0, (name, oct(mode))
    assert stat.S_IMODE(STATE.stat().st_mode) == 0o700
    log = (STATE / "daemon.log").read_text()
    assert "signed in: developer" in log, log
    assert "configuration is good" in (STATE / "broker.log").read_text()
    listening = subprocess.run(["sh", "-c", "cat /proc/net/tcp /proc/net/tcp6"], capture_output=True, text=True).stdout
    assert listening, "no socket table"
    for url in [facts["idp_url"], facts["sts_url"], facts["broker_url"], facts["control_url"]]:
        port = int(url.rsplit(":", 1)[1])
        rows = [r.split()[1] for r in listening.splitlines() if f":{port:04X} " in r and " 0A " in r]
        assert rows == [f"0100007F:{port:04X}"], (url, rows)
    body = urllib.request.urlopen(facts["broker_url"] + "/healthz", timeout=30).read()
    assert body == b"ok", body
    counters = json.load(urllib.request.urlopen(facts["control_url"] + "/counters", timeout=30))
    assert counters["broker"] == {"GET /healthz": 1}, counters
    secret = facts["secret_access_key"]
    for pid in [facts["broker_pid"], facts["daemon_pid"]]:
        assert secret.encode() not in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    assert secret.encode() not in pathlib.Path(f"/proc/{facts['daemon_pid']}/environ").read_bytes()
    process.send_signal(signal.SIGINT)
    output, problems = process.communicate(timeout=30)
    assert process.returncode == 0, (process.returncode, output, problems)
    assert f". {STATE}/env" in output and "Ctrl-C" in output, output
    assert secret not in output + problems
    for pid in [facts["broker_pid"], facts["daemon_pid"]]:
        gone(pid)
    assert "stopped in order" in (STATE / "daemon.log").read_text()
    assert not (STATE / "sandbox.json").exists()


def deaths():
    install()
    first = start()
    facts = ready(first)
    second = start()
    output, problems = second.communicate(timeout=30)
    assert second.returncode != 0 and "another sandbox is running" in problems, (output, problems)
    first.kill()
    first.wait()
    gone(facts["broker_pid"])
    gone(facts["daemon_pid"])
    third = start()
    facts = ready(third)
    os.kill(facts["broker_pid"], signal.SIGKILL)
    output, problems = third.communicate(timeout=30)
    assert third.returncode != 0 and "stsbroker-server ended unexpectedly" in problems, (output, problems)
    assert "configuration is good" in problems, problems
    gone(facts["daemon_pid"])
    install(daemon="fake_stubborn_daemon.py")
    fourth = start()
    facts = ready(fourth)
    fourth.send_signal(signal.SIGTERM)
    output, problems = fourth.communicate(timeout=30)
    assert fourth.returncode == 0, (fourth.returncode, output, problems)
    gone(facts["daemon_pid"])


def refusals():
    install(broker="#!/bin/sh\necho the broker says no >&2\nexit 3\n")
    process = start()
    output, problems = process.communicate(timeout=60)
    assert process.returncode != 0 and "the broker says no" in problems, (output, problems)
    assert "broker.log" in problems and not (STATE / "sandbox.json").exists(), problems
    (BIN / "stsbrokerd").unlink()
    process = start()
    output, problems = process.communicate(timeout=60)
    assert process.returncode != 0 and f"{BIN}/stsbrokerd" in problems and "--bin-dir" in problems, problems
    for options, word in {("--lifetime", "soon"): "--lifetime", ("--user", "root"): "--user"}.items():
        process = start(*options)
        output, problems = process.communicate(timeout=60)
        assert process.returncode == 64 and word in problems, (process.returncode, problems)
    shutil.rmtree(STATE)
    process = start("--idp-and-sts-only")
    facts = ready(process)
    assert "user" not in facts and not (STATE / "env").exists(), facts
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 0, process.returncode


{"life-cycle": life_cycle, "deaths": deaths, "refusals": refusals}[SCENARIO]()
