"""Asks a stsbrokerd from containers, that is from a network namespace of their own behind a pair of virtual interfaces, at the
link-local addresses of AWS. Run it as root; it makes the namespaces. Ends at the first surprise."""

import os
import pathlib
import subprocess
import sys

if "HOST" not in os.environ:
    # The host, too, is a namespace, so that the real one keeps its addresses.
    os.execvpe("unshare", ["unshare", "--net", sys.executable, "-B", *sys.argv], os.environ | {"HOST": "made"})

SCRATCH = pathlib.Path(sys.argv[1])
CONFIGURATION = SCRATCH / "stsbrokerd.yaml"
CONFIGURATION.write_text(f"""
broker: {{url: "http://127.0.0.1:9"}}
identity_provider: {{issuer: "http://127.0.0.1:9", client_id: stsbroker}}
roles: [{{name: for-container, policy: a}}, {{name: for-host, policy: b}}]
listeners:
  - {{name: imds, face: imds, address: "169.254.169.254:80"}}
  - {{name: containers, face: container, address: "169.254.170.2:80", require_token: false}}
  - {{name: strict, face: container, address: "169.254.170.2:81"}}
callers:
  - {{network: 172.30.0.2, principal: root, roles: [for-container]}}
  - {{user: root, roles: [for-host]}}
control_socket: "{SCRATCH}/control.sock"
token_directory: "{SCRATCH}/tokens"
""")
IMDS = "http://169.254.169.254/latest"
CONTAINERS = "http://169.254.170.2"


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def networks():
    """A host with the link-local addresses, and a container with two addresses; returns the container's process."""
    container = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo ready; exec sleep 600"], stdout=subprocess.PIPE)
    container.stdout.readline()
    inside = ("nsenter", "--net", "--target", str(container.pid), "ip")
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "bridge", "type", "veth", "peer", "name", "eth0", "netns", str(container.pid))
    for address in ("172.30.0.1/24", "169.254.169.254/32", "169.254.170.2/32"):
        run("ip", "address", "add", address, "dev", "bridge")
    run("ip", "link", "set", "bridge", "up")
    for address in ("172.30.0.2/24", "172.30.0.3/24"):
        run(*inside, "address", "add", address, "dev", "eth0")
    run(*inside, "link", "set", "eth0", "up")
    run(*inside, "route", "add", "169.254.0.0/16", "dev", "eth0")
    return container


def curl(where, *arguments):
    """The body and the status; `where` is what to run it with."""
    command = [*where, "curl", "-s", "--noproxy", "*", "-m", "20", "-w", "\n%{http_code}", *arguments]
    body, _, status = subprocess.run(command, capture_output=True, text=True).stdout.rpartition("\n")
    return body, int(status)


def session(where, *arguments):
    header = "X-aws-ec2-metadata-token-ttl-seconds: 60"
    return curl(where, "-X", "PUT", "-H", header, *arguments, f"{IMDS}/api/token")


def ready():
    daemon = subprocess.Popen(["stsbrokerd", "--config", CONFIGURATION], stderr=subprocess.PIPE, text=True)
    log = ""
    for line in daemon.stderr:
        log += line
        if " ready" in line:
            return daemon
    raise AssertionError(f"ended with {daemon.wait()}: {log}")


def boto3_says(where):
    """What boto3 reports with no word about us in its environment but the relative URI."""
    program = "import boto3; boto3.Session(region_name='us-east-1').get_credentials()"
    environment = {"PATH": os.environ["PATH"], "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/role/for-container"}
    command = [*where, sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, env=environment).stderr


container = networks()
inside = ("nsenter", "--net", "--target", str(container.pid))
daemon = ready()
try:
    # IMDS: the container and the host see their own roles, and no other's session token is good.
    of_container, status = session(inside)
    assert status == 200, (of_container, status)
    of_host, _ = session(())
    listing = f"{IMDS}/meta-data/iam/security-credentials/"
    token = "X-aws-ec2-metadata-token: "
    assert curl(inside, "-H", token + of_container, listing) == ("for-container", 200)
    assert curl((), "-H", token + of_host, listing) == ("for-host", 200)
    assert curl((), "-H", token + of_container, listing)[1] == 401
    assert curl(inside, "-H", token + of_host, listing)[1] == 401
    # An address that no rule is about gets nothing, not even a session token or a 404.
    neighbour = ("--interface", "172.30.0.3")
    for body, status in (session(inside, *neighbour), curl(inside, *neighbour, f"{CONTAINERS}/role/for-container")):
        assert status == 403, (body, status)
    # The container endpoint: there is no sign-in, so that is what is said to whoever is allowed to ask.
    assert "SignInRequired" in curl(inside, f"{CONTAINERS}/role/for-container")[0]
    assert curl(inside, f"{CONTAINERS}/role/for-host")[1] == 404
    assert "SignInRequired" in boto3_says(inside)
    strict = "http://169.254.170.2:81/role/for-container"
    assert curl(inside, strict)[1] == 401
    token = (SCRATCH / "tokens" / "0").read_text()
    assert "SignInRequired" in curl(inside, "-H", f"Authorization: {token}", strict)[0]
    explained = run("stsbrokerd", "--config", CONFIGURATION, "--explain-caller", "172.30.0.2")
    assert "imds: callers[0] matches: roles for-container (default) with the sign-in of uid 0" in explained, explained
finally:
    daemon.terminate()
    _, log = daemon.communicate()
    container.kill()
    container.wait()
assert daemon.returncode == 0, log
assert "caller refused" in log and "peer=172.30.0.3" in log, log
