"""The daemon in a sandbox, and the yardsticks that answer the same bytes."""

import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import time

import asking
import processes

HERE = pathlib.Path(__file__).parent
# One user asks more often here than anybody may by default.
UNLIMITED = "STSBROKERD_LIMITS_REQUESTS_PER_SECOND=1000000"
ROLE_PATH = "latest/meta-data/iam/security-credentials/developer"


@contextlib.contextmanager
def sandbox(programs, scratch):
    """The daemon's two faces, asked with every check on; its credentials are there already."""
    state = scratch / "sandbox"
    command = [programs / "stsbroker-sandbox", "--bin-dir", scratch / "bin", "--state-dir", state]
    with processes.running(command):
        facts = json.loads(awaited(state / "sandbox.json"))
        pid, binary = facts["daemon_pid"], str(scratch / "stripped")
        token = pathlib.Path(facts["token_file"]).read_text()
        container = asking.Target("stsbrokerd, container", facts["container_url"], (f"Authorization: {token}",), pid, binary)
        url = facts["imds_url"]
        header = ("X-aws-ec2-metadata-token-ttl-seconds: 21600", "Content-Length: 0")
        ask_token = asking.Target("", f"{url}latest/api/token", header, pid, binary)
        session = asking.ask(ask_token.port, ask_token.request(method="PUT")).partition(b"\r\n\r\n")[2].decode()
        imds = asking.Target("stsbrokerd, IMDS", url + ROLE_PATH, (f"X-aws-ec2-metadata-token: {session}",), pid, binary)
        for target in [imds, container]:
            eventually(target)
        yield [imds, container]


def awaited(path):
    for _ in range(600):
        if path.exists():
            return path.read_text()
        time.sleep(0.1)
    raise TimeoutError(f"no {path}")


def eventually(target):
    """Asks until there is a 200."""
    for _ in range(100):
        try:
            return asking.ask(target.port, target.request())
        except ConnectionError:
            time.sleep(0.1)
    return asking.ask(target.port, target.request())


def install(binary, bin_dir, programs, environment=""):
    """A folder as the sandbox wants it, whose stsbrokerd is that binary, started with that environment."""
    bin_dir.mkdir()
    (bin_dir / "stsbroker-server").symlink_to((programs / "stsbroker-server").resolve())
    (bin_dir / "stsbrokerd").write_text(f'#!/bin/sh\n{UNLIMITED} {environment} exec {binary} "$@"\n')
    (bin_dir / "stsbrokerd").chmod(0o755)


def c_server(scratch, like):
    """The command of the C server that answers what `like` does, and its target but for the process."""
    files = []
    for name in ["keep-alive", "close"]:
        files.append(scratch / f"answer-{name}")
        files[-1].write_bytes(asking.ask(like.port, like.request(f"Connection: {name}")))
    port = asking.free_port()
    return [scratch / "epoll", str(port), *files], moved(like, "C, epoll", port, scratch / "epoll")


def nginx(scratch, like):
    head, _, body = asking.ask(like.port, like.request()).decode().partition("\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
    port = asking.free_port()
    added = "".join(
        f"add_header {name} '{value}';\n" for name, value in headers.items()
        if name not in ["Content-Type", "Content-Length", "Date", "Server", "Connection"])
    temporary = "".join(f"{kind}_temp_path {scratch}/{kind};\n" for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
    text = (HERE / "nginx.conf").read_text()
    values = {"PORT": str(port), "TYPE": headers["Content-Type"], "HEADERS": added, "TEMPORARY": temporary, "BODY": body}
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    configuration = scratch / "nginx.conf"
    configuration.write_text(text)
    binary = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    command = [binary, "-p", scratch, "-c", configuration, "-e", scratch / "nginx.log"]
    return command, moved(like, "nginx", port, binary)


def moved(target, name, port, binary):
    url = target.url.replace(f":{target.port}/", f":{port}/")
    return dataclasses.replace(target, name=name, url=url, pid=0, binary=str(binary))


@contextlib.contextmanager
def yardstick(command, target):
    with processes.running(command) as process:
        target = dataclasses.replace(target, pid=process.pid)
        eventually(target)
        yield target
