"""schemathesis against a running broker: no status, media type or body that its own description doesn't have, and no 500. Wants the
sandbox's `env`. Ends at the first surprise."""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

import sandbox_control
import yaml
from own_broker import STATE, OwnBroker, token

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,ignored_auth"


def description(broker):
    """The served one, but for the names of policies: others than the sandbox's get no further than 404."""
    with sandbox_control.OPENER.open(f"{broker.url}/openapi.yaml") as answer:
        document = yaml.safe_load(answer.read())
    document["components"]["schemas"]["PolicyID"] = {"enum": ["developer", "readonly", "admin"]}
    file = broker.file.with_name("openapi.json")
    file.write_text(json.dumps(document))
    return file


def run(broker, user, seed):
    schemathesis = pathlib.Path(sys.executable).with_name("schemathesis")
    command = [
        schemathesis, "run", description(broker), "--url", broker.url, "--checks", CHECKS, "--max-examples", "40",
        "--seed", str(seed), "--phases", "examples,coverage,fuzzing", "--warnings", "off", "--no-color", "--header",
        f"Authorization: Bearer {token(user)}", "--generation-database", "none"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=broker.file.parent)
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]


def check_reach(broker):
    """That it came further than being refused, wherever no request's id must be known."""
    answered = re.findall(r"method=(\S+) path=(\S+) status=2", broker.log.read_text())
    document = yaml.safe_load(description(broker).read_text())
    wanted = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    missed = {each for each in wanted if "{id}" not in each[1]} - set(answered)
    assert not missed, missed


with tempfile.TemporaryDirectory() as scratch:
    # A mail server that is down: what is to be told must not matter.
    people = {"name": "people", "smtp": {"server": "127.0.0.1:1", "tls": "none", "from": "stsbroker@example.com"}}
    aws = yaml.safe_load((STATE / "stsbroker-server.yaml").read_text())["aws"]
    settings = {
        "administrators": ["security"],
        "aws": aws | {"web_identity": {"issuer": "https://broker.example.com"}},
        "limits": {
            "requests_per_second": 100_000, "address_requests_per_second": 100_000, "failed_sign_ins_per_minute": 100_000},
        "notifications": {"targets": [people], "requesters": {"email": "people"}}}
    broker = OwnBroker(pathlib.Path(scratch), settings)
    try:
        for seed, user in enumerate(["developer", "approver"]):
            run(broker, user, seed)
        check_reach(broker)
        assert "request failed unexpectedly" not in broker.log.read_text(), broker.log.read_text()
    finally:
        broker.kill()
