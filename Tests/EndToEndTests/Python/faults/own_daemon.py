"""A stsbrokerd of a test's own beside the sandbox's, which the test may starve, send through time, and kill."""

import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time

import sandbox_control


class OwnDaemon:
    """Gets its credentials from `broker_url` and its sign-in from the sandbox. `roles` maps names to policies; callers may have those that
    are `offered`, or all of them."""

    def __init__(self, broker_url, roles, connections_per_user=2048, command=(), environment=None, offered=None):
        self.folder = tempfile.TemporaryDirectory()
        scratch = pathlib.Path(self.folder.name)
        self.configuration, self.log = scratch / "stsbrokerd.yaml", scratch / "log"
        self.control, self.token_file = scratch / "control.sock", scratch / "tokens" / str(os.geteuid())
        self.command = [*command, "stsbrokerd", "--config", self.configuration]
        self.environment = {**os.environ, **(environment or {})}
        self.provider = sandbox_addresses()["idp_url"]
        self._offered = list(roles) if offered is None else offered
        self._settings = (broker_url, roles, connections_per_user)
        self._choose_ports()
        self.process = None

    def _choose_ports(self):
        self.ports = dict(zip(["imds", "container"], free_ports(2)))
        self.configuration.write_text(self._text_of(*self._settings))

    def _text_of(self, broker_url, roles, connections_per_user):
        listeners = [{"name": face, "face": face, "address": f"127.0.0.1:{self.ports[face]}"} for face in self.ports]
        # JSON is YAML.
        return json.dumps(
            {
                "broker": {"url": broker_url},
                "identity_provider": {"issuer": self.provider, "client_id": "stsbroker"},
                "roles": [{"name": name, "policy": policy} for name, policy in roles.items()],
                "listeners": listeners,
                "callers": [{"user": str(os.geteuid()), "roles": self._offered}],
                "control_socket": str(self.control),
                "token_directory": str(self.token_file.parent),
                "limits": {"connections_per_user": connections_per_user, "requests_per_second": 1_000_000},
            }
        )

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()
        self.folder.cleanup()

    def start(self):
        is_first = self.process is None
        while not self._is_ready():
            # Whoever asks for a free port at the same time may get the same one.
            assert is_first and " is in use" in self.log.read_text(), self.log.read_text()
            self._choose_ports()
        return self

    def _is_ready(self):
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(self.command, stderr=log, env=self.environment)
        until = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < until:
            if " ready" in self.log.read_text():
                return True
            time.sleep(0.05)
        return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def sign_in(self, user="developer", wish=None, **more):
        sandbox_control.sign_in(self.control, self.provider, user, wish, **more)
        return self

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def resident_mebibytes(self):
        """proc(5): VmRSS is in KiB."""
        return kibibytes_resident(self.process.pid) / 1024

    def processor_seconds(self):
        """User and system time so far: fields 14 and 15 of /proc/PID/stat, of which the second may hold spaces."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def kibibytes_resident(process):
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def sandbox_addresses():
    state = pathlib.Path(os.environ["STSBROKER_SOCKET"]).parent
    return json.loads((state / "sandbox.json").read_text())


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [taken.getsockname()[1] for taken in sockets]
    for taken in sockets:
        taken.close()
    return ports
