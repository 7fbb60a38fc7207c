"""Runs stsbrokerd as a service manager would: with sockets that were bound for it, told of its states, watched, reloaded and killed under
load. Ends at the first surprise."""

import contextlib
import http.client
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time

SCRATCH = pathlib.Path(sys.argv[1])
CONFIGURATION, CONTROL = SCRATCH / "stsbrokerd.yaml", SCRATCH / "control.sock"
NOTICES = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
NOTICES.bind(str(SCRATCH / "notify"))
NOTICES.settimeout(60)
WATCHDOG_SECONDS = 1


def configure(ports):
    CONFIGURATION.write_text(f"""
broker: {{url: "http://127.0.0.1:9"}}
identity_provider: {{issuer: "http://127.0.0.1:9", client_id: stsbroker}}
roles: [{{name: developer, policy: developer}}]
listeners:
  - {{name: imds, face: imds, address: "127.0.0.1:{ports[0]}"}}
  - {{name: containers, face: container, address: "127.0.0.1:{ports[1]}"}}
callers: [{{user: "{os.geteuid()}", roles: [developer]}}]
control_socket: "{CONTROL}"
token_directory: "{SCRATCH}/tokens"
limits: {{requests_per_second: 1000000}}
""")


class Manager:
    """Holds the listening sockets while daemons come and go."""

    def __init__(self):
        self.sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        control = socket.socket(socket.AF_UNIX)
        control.bind(str(CONTROL))
        control.listen()
        self.sockets.append(control)
        self.ports = [taken.getsockname()[1] for taken in self.sockets[:2]]
        configure(self.ports)

    def start(self):
        """A daemon that has said it is ready."""
        drain()
        environment = os.environ | {
            "LISTEN_FDS": "3", "LISTEN_FDNAMES": "imds:containers:control", "NOTIFY_SOCKET": str(SCRATCH / "notify"),
            "WATCHDOG_USEC": str(WATCHDOG_SECONDS * 1_000_000),
        }
        numbers = [taken.fileno() for taken in self.sockets]
        # The shell knows its own process number, and keeps it when it becomes the daemon.
        moves = " ".join(f"{place}<&{number}" for place, number in enumerate(numbers, 3) if place != number)
        command = f'exec {moves}; LISTEN_PID=$$ exec stsbrokerd --config "$0"'
        daemon = subprocess.Popen(
            ["bash", "-c", command, CONFIGURATION], env=environment, pass_fds=numbers, stderr=open(SCRATCH / "log", "w")
        )
        assert "Offers developer" in told("READY=1"), "READY without a status"
        return daemon


def drain():
    NOTICES.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while NOTICES.recv(4096):
            pass
    NOTICES.settimeout(60)


def told(assignment):
    """Waits until the daemon tells that, and returns all that it told with it."""
    while True:
        text = NOTICES.recv(4096).decode()
        if assignment in text.splitlines():
            return text


def session_token(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("PUT", "/latest/api/token", headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def adopts_and_reports(manager):
    daemon = manager.start()
    log = (SCRATCH / "log").read_text()
    assert log.count("listening on a passed socket") == 2, log
    assert session_token(manager.ports[0]) == 200
    status = subprocess.run(["stsbroker", "status", "--socket", CONTROL], capture_output=True, text=True)
    assert status.returncode == 0, status
    for _ in range(3):
        told("WATCHDOG=1")
    daemon.send_signal(signal.SIGHUP)
    reloading = told("RELOADING=1")
    stamp = int(re.search(r"MONOTONIC_USEC=(\d+)", reloading).group(1))
    assert abs(stamp / 1e6 - time.clock_gettime(time.CLOCK_MONOTONIC)) < 60, stamp
    told("READY=1")
    daemon.send_signal(signal.SIGSTOP)
    drain()
    time.sleep(2 * WATCHDOG_SECONDS)
    NOTICES.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        raise AssertionError(f"a stopped daemon told {NOTICES.recv(4096)}")
    NOTICES.settimeout(60)
    daemon.send_signal(signal.SIGCONT)
    daemon.terminate()
    told("STOPPING=1")
    assert daemon.wait(60) == 0 and CONTROL.exists(), "the manager's socket file was removed"


def survives_a_kill(manager):
    """Connections that wait in the backlog are the manager's: the next daemon answers them."""
    daemon = manager.start()
    daemon.send_signal(signal.SIGSTOP)
    answers = []
    clients = [threading.Thread(target=lambda: answers.append(session_token(manager.ports[0]))) for _ in range(50)]
    for client in clients:
        client.start()
    waiting = f"127.0.0.1:{manager.ports[0]}"
    while subprocess.run(["ss", "-Htn", "src", waiting], capture_output=True, text=True).stdout.count("\n") < 50:
        time.sleep(0.05)
    daemon.kill()
    daemon.wait()
    daemon = manager.start()
    for client in clients:
        client.join()
    assert answers == [200] * 50, answers
    daemon.terminate()
    assert daemon.wait(60) == 0


def asks(manager, is_over, statuses):
    """With a new connection for each request, or keeping one as long as the daemon lets it."""
    while not is_over():
        statuses.append(session_token(manager.ports[0]))


def keeps_asking(manager, is_over, statuses):
    connection = http.client.HTTPConnection("127.0.0.1", manager.ports[0], timeout=60)
    while not is_over():
        connection.request("PUT", "/latest/api/token", headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"})
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
        if answer.getheader("Connection") == "close":
            connection.close()


def answers_all_at_stops(manager):
    """Daemons come and go under load: what one has accepted it answers, and what it hasn't the next one does."""
    daemon, statuses, failures, until = manager.start(), [], [], time.monotonic() + 6

    def run(client):
        try:
            client(manager, lambda: time.monotonic() > until, statuses)
        except Exception as failure:
            failures.append(repr(failure))

    clients = [threading.Thread(target=run, args=(client,)) for client in (asks, keeps_asking) * 8]
    for client in clients:
        client.start()
    for _ in range(3):
        time.sleep(1)
        daemon.terminate()
        assert daemon.wait(60) == 0
        daemon = manager.start()
    for client in clients:
        client.join()
    assert not failures and set(statuses) == {200} and len(statuses) > 100, (failures, len(statuses), set(statuses))
    daemon.terminate()
    assert daemon.wait(60) == 0


def drops_nothing_at_reload(manager):
    """Ten reloads while wrk asks as fast as it can."""
    daemon = manager.start()
    script = SCRATCH / "put.lua"
    script.write_text('wrk.method = "PUT"; wrk.headers["X-aws-ec2-metadata-token-ttl-seconds"] = "60"')
    url = f"http://127.0.0.1:{manager.ports[0]}/latest/api/token"
    load = subprocess.Popen(["wrk", "-t1", "-c16", "-d6s", "-s", script, url], stdout=subprocess.PIPE, text=True)
    for _ in range(10):
        time.sleep(0.5)
        daemon.send_signal(signal.SIGHUP)
        told("READY=1")
    report = load.communicate()[0]
    requests = int(re.search(r"(\d+) requests in", report).group(1))
    assert "Socket errors" not in report and "Non-2xx" not in report and requests > 0, report
    daemon.terminate()
    assert daemon.wait(60) == 0


manager = Manager()
adopts_and_reports(manager)
survives_a_kill(manager)
answers_all_at_stops(manager)
drops_nothing_at_reload(manager)
