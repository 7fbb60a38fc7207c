"""Does what the recipe for containers on a workstation says: a bridge of that name, with the address of ECS, a container with its own
address, and the host's stsbrokerd with the recipe's configuration: workstation_container.py FOLDER. Run it as root. Ends at the first
surprise."""

import os
import pathlib
import subprocess
import sys

import yaml
from container_recipes import CONFIG

if "HOST" not in os.environ:
    # The host, too, is a namespace, so that the real one keeps its addresses.
    os.execvpe("unshare", ["unshare", "--net", sys.executable, "-B", *sys.argv], os.environ | {"HOST": "made"})

SCRATCH = pathlib.Path(sys.argv[1])
COMPOSE = yaml.safe_load((CONFIG / "container/workstation-compose.yaml").read_text())
SERVICE, NETWORK = COMPOSE["services"]["app"], COMPOSE["networks"]["stsbroker"]
BRIDGE = NETWORK["driver_opts"]["com.docker.network.bridge.name"]
[SUBNET] = NETWORK["ipam"]["config"]
ADDRESS = SERVICE["networks"]["stsbroker"]["ipv4_address"]
NEIGHBOUR = "172.30.170.3"
USER = "1000"


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def bridged():
    """A container with two addresses, one of them its neighbour's; returns its process."""
    container = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo ready; exec sleep 600"], stdout=subprocess.PIPE)
    container.stdout.readline()
    inside = ("nsenter", "--net", "--target", str(container.pid), "ip")
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", BRIDGE, "type", "bridge")
    run("ip", "address", "add", f"{SUBNET['gateway']}/24", "dev", BRIDGE)
    run("ip", "address", "add", "169.254.170.2/32", "dev", BRIDGE)
    run("ip", "link", "add", "veth", "master", BRIDGE, "type", "veth", "peer", "name", "eth0", "netns", str(container.pid))
    for name in (BRIDGE, "veth"):
        run("ip", "link", "set", name, "up")
    for address in (ADDRESS, NEIGHBOUR):
        run(*inside, "address", "add", f"{address}/24", "dev", "eth0")
    run(*inside, "link", "set", "eth0", "up")
    run(*inside, "route", "add", "default", "via", SUBNET["gateway"])
    return container


def ready():
    text = (CONFIG / "container/workstation-stsbrokerd.yaml").read_text()
    for name in ("broker", "login"):
        text = text.replace(f"https://{name}.example.com", "http://127.0.0.1:9")
    configuration = SCRATCH / "stsbrokerd.yaml"
    configuration.write_text(f"{text}\ncontrol_socket: {SCRATCH}/control.sock\ntoken_directory: {SCRATCH}/tokens\n")
    daemon = subprocess.Popen(["stsbrokerd", "--config", configuration], stderr=subprocess.PIPE, text=True)
    log = ""
    for line in daemon.stderr:
        log += line
        if " ready" in line:
            assert "left out" not in log, log
            return daemon
    raise AssertionError(f"ended with {daemon.wait()}: {log}")


def in_container(*command):
    """With what the recipe tells its program, and the folder of tokens where it has it."""
    [(folder, place, mode)] = [each.split(":") for each in SERVICE["volumes"]]
    assert mode == "ro" and folder == place == "/run/stsbrokerd/tokens"
    script = f'mount -t tmpfs run /run && mkdir -p {place} && mount --bind -o ro "$0" {place} && exec "$@"'
    command = ["nsenter", "--net", f"--target={container.pid}", "unshare", "--mount", "sh", "-c", script,
               SCRATCH / "tokens", *command]
    environment = {"PATH": os.environ["PATH"]} | SERVICE["environment"]
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    return result.stdout + result.stderr


container = bridged()
daemon = ready()
try:
    # Nobody is signed in, so that is what is said to whoever is allowed to ask.
    boto3 = "import boto3; boto3.Session().get_credentials()"
    answer = in_container(sys.executable, "-c", boto3)
    assert "SignInRequired" in answer, answer
    url = SERVICE["environment"]["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
    curl = ["curl", "-s", "--noproxy", "*", "-m", "20"]
    answer = in_container(*curl, url)
    assert "InvalidAuthorizationToken" in answer, answer
    token = (SCRATCH / "tokens" / USER).read_text()
    answer = in_container(*curl, "--interface", NEIGHBOUR, "-H", f"Authorization: {token}", url)
    assert "CallerNotAllowed" in answer, answer
finally:
    daemon.terminate()
    daemon.communicate()
    container.kill()
    container.wait()
assert daemon.returncode == 0
