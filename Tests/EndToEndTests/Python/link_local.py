"""In a network namespace with AWS's link-local addresses on its loopback interface, a daemon that systemd-socket-activate starts at the
first connection, and SDKs that know of nothing but what every machine of AWS has. Run it as root. Ends at the first surprise."""

import json
import os
import pathlib
import subprocess
import sys
import time

import sandbox_control

if "HOST" not in os.environ:
    os.execvpe("unshare", ["unshare", "--net", sys.executable, "-B", *sys.argv], os.environ | {"HOST": "made"})

SCRATCH, ADDRESSES = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
CONTROL, STATE = SCRATCH / "control.sock", SCRATCH / "state"
IMDS, CONTAINERS = "169.254.169.254:80", "169.254.170.2:80"
BIN = pathlib.Path(sys.executable).parent


def addresses(verb, **settings):
    environment = os.environ | {"STSBROKER_SYSFS": str(SCRATCH / "sys")} | settings
    return subprocess.run([ADDRESSES, verb], env=environment, capture_output=True, text=True)


def shown():
    return subprocess.run(["ip", "-o", "address", "show", "dev", "lo"], capture_output=True, text=True).stdout


def gives_and_takes_addresses():
    """On anything but an EC2 instance, unless forced; a second time is no mistake."""
    maker = SCRATCH / "sys/class/dmi/id/sys_vendor"
    maker.parent.mkdir(parents=True)
    maker.write_text("Amazon EC2\n")
    refusal = addresses("add")
    assert refusal.returncode == 1 and "EC2 instance" in refusal.stderr, refusal
    assert "169.254." not in shown()
    assert addresses("add", STSBROKER_ADDRESSES_FORCE="yes").returncode == 0
    for _ in range(2):
        assert addresses("remove").returncode == 0 and "169.254." not in shown(), shown()
    maker.write_text("QEMU\n")
    for _ in range(2):
        assert addresses("add").returncode == 0 and shown().count("169.254.") == 3, shown()


def sandbox():
    """An identity provider, STS and broker; its own daemon is not used."""
    process = subprocess.Popen(["stsbroker-sandbox", "--state-dir", STATE], stdout=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not (STATE / "sandbox.json").exists():
        assert process.poll() is None and time.monotonic() < until, "no sandbox"
        time.sleep(0.1)
    return process, json.loads((STATE / "sandbox.json").read_text())


def configure(facts):
    configuration = {
        "broker": {"url": facts["broker_url"]},
        "identity_provider": {"issuer": facts["idp_url"], "client_id": "stsbroker"},
        "roles": [{"name": "developer", "policy": "developer"}],
        "listeners": [
            {"name": "imds", "face": "imds", "address": IMDS},
            {"name": "containers", "face": "container", "address": CONTAINERS, "require_token": False},
        ],
        "callers": [{"user": "root", "roles": ["developer"]}],
        "control_socket": str(CONTROL),
        "token_directory": str(SCRATCH / "tokens"),
    }
    (SCRATCH / "stsbrokerd.yaml").write_text(json.dumps(configuration))


def activated():
    """Nothing runs until somebody connects."""
    listen = [argument for place in (IMDS, CONTAINERS, CONTROL) for argument in ("--listen", place)]
    command = ["systemd-socket-activate", *listen, "stsbrokerd", "--config", SCRATCH / "stsbrokerd.yaml"]
    process = subprocess.Popen(command, stderr=open(SCRATCH / "log", "w"))
    until = time.monotonic() + 60
    while not CONTROL.exists():
        assert process.poll() is None and time.monotonic() < until, (SCRATCH / "log").read_text()
        time.sleep(0.1)
    return process


def what_sdks_say(command, **settings):
    """What AWS's STS stand-in says to whoever asks with the credentials that the SDK found; nothing else is in the environment."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(SCRATCH), **settings}
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert result.returncode == 0, result
    return result.stdout


def has_credentials():
    """Whether the first ones have come: botocore asks the instance metadata once, and waits a second."""
    url = f"http://{CONTAINERS.removesuffix(':80')}/role/developer"
    curl = ["curl", "-s", "--noproxy", "*", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}", url]
    return subprocess.run(curl, capture_output=True, text=True).stdout == "200"


def serves_real_sdks(facts):
    until = time.monotonic() + 60
    while not has_credentials():
        assert time.monotonic() < until, (SCRATCH / "log").read_text()
        time.sleep(0.1)
    (SCRATCH / ".aws").mkdir()
    (SCRATCH / ".aws/config").write_text("[default]\nregion = us-east-1\n")
    boto3 = "import boto3,sys; print(boto3.client('sts', endpoint_url=sys.argv[1]).get_caller_identity()['Arn'])"
    commands = [
        [BIN / "python", "-c", boto3, facts["sts_url"]],
        [BIN / "aws", "sts", "get-caller-identity", "--endpoint-url", facts["sts_url"]],
    ]
    for command in commands:
        for settings in ({}, {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/role/developer"}):
            assert "assumed-role/" in what_sdks_say(command, **settings), (command, settings)


gives_and_takes_addresses()
process, facts = sandbox()
try:
    configure(facts)
    daemon = activated()
    try:
        os.environ["STSBROKER_SANDBOX_URL"] = facts["control_url"]
        sandbox_control.sign_in(CONTROL, facts["idp_url"], "developer")
        serves_real_sdks(facts)
        log = (SCRATCH / "log").read_text()
        assert log.count("listening on a passed socket") == 2, log
    finally:
        daemon.terminate()
        assert daemon.wait(60) == 0
finally:
    process.terminate()
    process.wait(60)
