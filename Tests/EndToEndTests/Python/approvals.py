"""The whole story: somebody's program asks for what needs approval, a second person approves, the program gets tagged credentials
without a restart, the approval is revoked, and the program gets nothing any more. Wants the sandbox's `env`. Ends at the first
surprise."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import sandbox_control
from faults.own_daemon import OwnDaemon, sandbox_addresses

ENDPOINT = os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"].rpartition("/role/")[0] + "/role/admin"
# The daemon looks every 30 seconds; the rest is for a busy machine.
PATIENCE = 90
SESSION = "arn:aws:sts::111122223333:assumed-role/stsbroker-admin/developer"
IDENTITY = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"


def credentials():
    """Status and JSON of the container endpoint for the role that needs approval."""
    with open(os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]) as file:
        request = urllib.request.Request(ENDPOINT, headers={"Authorization": file.read()})
    try:
        with sandbox_control.OPENER.open(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def awaited(condition, what):
    until = time.monotonic() + PATIENCE
    while not condition(*(last := credentials())):
        assert time.monotonic() < until, f"not {what} after {PATIENCE} s: {last}"
        time.sleep(1)


def stsbroker(*arguments, daemon=None, status=0):
    """What it prints, as the sandbox's developer or as whoever is signed in at `daemon`."""
    socket = ["--socket", daemon.control] if daemon else []
    result = subprocess.run(["stsbroker", *arguments, *socket], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert result.returncode == status, (arguments, result)
    return result.stdout + result.stderr


def program():
    environment = os.environ | {"AWS_CONTAINER_CREDENTIALS_FULL_URI": ENDPOINT}
    return subprocess.run([sys.executable, "-c", IDENTITY], capture_output=True, text=True, env=environment)


def asked_and_approved(approver):
    status, body = credentials()
    assert (status, body["code"]) == (503, "ApprovalPending"), (status, body)
    assert program().returncode != 0
    [request] = json.loads(stsbroker("requests", "--json"))["requests"]
    assert request["state"] == "pending" and not request["may_decide"], request
    identifier = request["request_id"]
    assert "developer" in stsbroker("requests", "--to-decide", daemon=approver)
    own = stsbroker("approve", identifier, status=5)
    assert "for others to do" in own and "arn:aws" not in own, own
    shown = stsbroker("approve", identifier[:8], "--yes", "--comment", "for the release", daemon=approver)
    assert "tag costcenter" in shown and "is granted until" in shown, shown
    for what in ("role/stsbroker-admin", "policy/AdministratorAccess", "transitive tags  costcenter", "external id", "80 of 100"):
        assert what in shown, (what, shown)
    stsbroker("approve", identifier, daemon=approver, status=1)
    return identifier


def tagged():
    awaited(lambda status, _: status == 200, "served")
    result = program()
    assert result.stdout == f"{SESSION}\n", result
    sessions = [each for each in sandbox_control.call("GET", "/sessions")["sessions"] if "admin" in json.dumps(each)]
    assert re.search("costcenter.*1001", json.dumps(sessions)), sessions


def console():
    """A link signs in whoever was approved, only where the console is, and leads back to the broker's pages."""
    link = stsbroker("console", "admin", "--destination", "https://console.aws.amazon.com/s3/home").strip()
    with sandbox_control.OPENER.open(link) as answer:
        page = answer.read().decode()
    assert page == f"{SESSION} at https://console.aws.amazon.com/s3/home, sent by {os.environ['STSBROKER_URL']}\n", page
    assert "must be an https address" in stsbroker("console", "readonly", "--destination", "https://example.com", status=1)


def extended(identifier, approver):
    """More time is a request of its own, which begins when the first one ends; ending it leaves the first alone."""
    before = [each for each in json.loads(stsbroker("requests", "--json"))["requests"] if each["state"] == "active"][0]
    more = json.loads(stsbroker("extend", identifier, "--duration", "20m", "--json", status=4))
    assert more["starts_at"] == before["ends_at"] and more["duration_seconds"] == 1200, (before, more)
    stsbroker("approve", more["request_id"], "--yes", daemon=approver)
    states = {each["request_id"]: each["state"] for each in json.loads(stsbroker("requests", "--json"))["requests"]}
    assert states == {identifier: "active", more["request_id"]: "scheduled"}, states
    assert "revoked" in stsbroker("revoke", more["request_id"])
    assert credentials()[0] == 200


def revoked(identifier, approver):
    assert "revoked" in stsbroker("revoke", identifier, "--comment", "done", daemon=approver)
    awaited(lambda status, body: status == 403 and body["code"] == "AccessDenied", "dropped")
    assert program().returncode != 0
    assert "The access was revoked" in stsbroker("status")


def audited(identifier, approver):
    """An auditor finds who had the key, and the trail verifies until somebody changes it."""
    told = stsbroker("whois", "developer", daemon=approver)
    assert identifier in told and "for the release" in told and "arn:aws:iam" in told, told
    key = re.search("ASIA[A-Z0-9]+", told)[0]
    assert identifier in stsbroker("whois", key, daemon=approver)
    stsbroker("whois", key, status=5)
    stsbroker("audit", "export", status=5)
    trail = stsbroker("audit", "export", daemon=approver)
    key = stsbroker("audit", "key", daemon=approver).strip()
    for text, status in ((trail, 0), (trail.replace("for the release", "for no reason"), 1)):
        result = subprocess.run(
            ["stsbroker", "audit", "verify", "-", "--key", key], input=text, capture_output=True, text=True)
        assert result.returncode == status, (result, status)
    assert "does not follow" in result.stderr, result


def asked_again(approver):
    line = stsbroker("request", "admin", "--duration", "30m", "--reason", "once more", status=4)
    assert "waits for 1 approval" in line, line
    identifier = line.partition(":")[0]
    assert "is cancelled" in stsbroker("cancel", identifier)
    waiting = subprocess.Popen(
        ["stsbroker", "request", "admin", "--reason", "please", "--wait"], stdout=subprocess.PIPE, text=True)
    until = time.monotonic() + PATIENCE
    while "please" not in (listed := stsbroker("requests", "--to-decide", daemon=approver)):
        assert time.monotonic() < until, listed
        time.sleep(0.2)
    identifier = listed.splitlines()[-1].split()[0]
    assert "is denied by approver: not today" in stsbroker("deny", identifier, "--comment", "not today", daemon=approver)
    said, _ = waiting.communicate(timeout=PATIENCE)
    assert waiting.returncode == 5 and "not today" in said, (waiting.returncode, said)


def narrowed(approver, folder):
    """An inline policy of the request is what the approver sees and what STS gets; one that would widen gets nowhere."""
    file = folder / "policy.json"

    def requested(effect, status):
        statement = {"Effect": effect, "Action": "iam:*", "Resource": "*"}
        file.write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2))
        return stsbroker("request", "admin", "--inline-policy", file, status=status)

    assert "would widen" in requested("Allow", 1)
    identifier = requested("Deny", 4).partition(":")[0]
    policy = '{"Statement":[{"Action":"iam:*","Effect":"Deny","Resource":"*"}],"Version":"2012-10-17"}'
    assert '"iam:*"' in stsbroker("approve", identifier, "--yes", daemon=approver)
    awaited(lambda status, _: status == 200, "served")
    sessions = sandbox_control.call("GET", "/sessions")["sessions"]
    assert [each.get("policy") for each in sessions if each["arn"] == SESSION][-1] == policy, sessions


def main(folder):
    with OwnDaemon(sandbox_addresses()["broker_url"], {"readonly": "readonly"}) as approver:
        approver.sign_in("approver")
        identifier = asked_and_approved(approver)
        tagged()
        console()
        extended(identifier, approver)
        revoked(identifier, approver)
        audited(identifier, approver)
        asked_again(approver)
        narrowed(approver, folder)


with tempfile.TemporaryDirectory() as scratch:
    main(pathlib.Path(scratch))
