"""Policies that came from a file are handed to the API, changed there by two administrators at once, do without a source identity and
with shorter sessions than they promise, are pushed from a file, and not handed back by accident. Wants the sandbox's `env`. Ends at the
first surprise."""

import datetime
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import urllib.request

import sandbox_control
import yaml
from faults.own_daemon import OwnDaemon
from own_broker import OwnBroker, awaited, token

# The original's tables, as `aws dynamodb scan` and an export write them.
POLICIES = {"Items": [{
    "policy_id": {"S": "imported"}, "account": {"S": "111122223333"}, "risk": {"N": "60"}, "description": {"S": "From before"},
    "base_role": {"S": "arn:aws:iam::111122223333:role/stsbroker-readonly"}, "preferred_channel": {"S": "slack"},
    "default_tags": {"L": [{"M": {"project": {"S": "an old name"}}}]}, "user_tags": {"L": [{"S": "costcenter"}]},
    "managed_policies": {"L": [{"S": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]},
    "slack_webhook_url": {"S": "https://hooks.slack.com/services/SECRET"}}], "Count": 1}
TEAMS = '{"Item": {"team_id": {"S": "developers"}, "policies": {"L": [{"M": {"id": {"S": "imported"}}}]}}}\n'


def call(broker, method, path, body=None, **headers):
    """Status, JSON and entity tag, as an administrator."""
    request = urllib.request.Request(f"{broker.url}/v1/admin{path}", method=method)
    request.add_header("Authorization", token("approver"))
    request.add_header("Content-Type", "application/json")
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    try:
        data = None if body is None else json.dumps(body).encode()
        with sandbox_control.OPENER.open(request, data) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None, answer.headers["ETag"]
    except urllib.error.HTTPError as error:
        return error.code, json.load(error), None


def restarted(broker, policies):
    broker.kill()
    settings = json.loads(broker.file.read_text()) | {"policies": policies}
    broker.file.write_text(json.dumps(settings))
    broker.start()


def governed_by_files(broker):
    status, shown, tag = call(broker, "GET", "/policies/developer")
    assert status == 200 and shown["changed_by"]["file"].endswith("policies.yaml"), shown
    status, problem, _ = call(broker, "PUT", "/policies/developer", shown["policy"], If_Match=tag)
    assert (status, problem["code"]) == (409, "conflict") and "policies.yaml" in problem["detail"], problem


def governed_by_api(broker):
    status, shown, tag = call(broker, "GET", "/policies/developer")
    assert status == 200 and shown["revision"] == 1, shown
    outcomes = []
    def change(risk):
        outcomes.append(call(broker, "PUT", "/policies/developer", shown["policy"] | {"risk": risk}, If_Match=tag)[0])
    threads = [threading.Thread(target=change, args=(risk,)) for risk in range(11, 19)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [200] + [412] * 7, outcomes
    before = broker.log.read_text().count("nothing to read anew")
    os.kill(broker.process.pid, signal.SIGHUP)
    awaited(lambda: broker.log.read_text().count("nothing to read anew") > before, "told")
    return call(broker, "GET", "/policies/developer/versions")[1]["versions"]


def without_source_identity(broker):
    """A role whose trust policy lacks sts:SetSourceIdentity can be had by a policy that leaves it out, and by no other."""
    wish = "/v1/credentials", "developer", {"policy": "developer"}
    _, shown, tag = call(broker, "GET", "/policies/developer")
    content = shown["policy"] | {"base_role": "arn:aws:iam::111122223333:role/stsbroker-nosourceidentity"}
    status, written, tag = call(broker, "PUT", "/policies/developer", content, If_Match=tag)
    assert status == 200, written
    status, refused = broker.call("POST", *wish)
    assert (status, refused["code"]) == (502, "upstream_refused"), refused
    status, written, _ = call(broker, "PUT", "/policies/developer", content | {"source_identity": False}, If_Match=tag)
    assert status == 200 and written["policy"]["source_identity"] is False, written
    status, given = broker.call("POST", *wish)
    assert status == 200, given
    sessions = sandbox_control.call("GET", "/sessions")["sessions"]
    [session] = [each for each in sessions if each["access_key_id"] == given["access_key_id"]]
    assert session.get("source_identity") is None and session["session_name"] == "developer", session
    assert session["tags"]["costcenter"] == "1001", session


def longer_than_its_role(broker):
    """What a policy promises and its role doesn't allow is cut to an hour, unless the policy says that the role does allow it."""
    wish = "/v1/credentials", "developer", {"policy": "developer", "duration_seconds": 7200}
    _, shown, tag = call(broker, "GET", "/policies/developer")
    status, written, tag = call(broker, "PUT", "/policies/developer", shown["policy"] | {"max_duration": "2h"}, If_Match=tag)
    assert status == 200 and any("role_max_session" in warning for warning in written["warnings"]), written
    status, given = broker.call("POST", *wish)
    assert status == 200, given
    assert (given["shortened"]["asked_seconds"], given["shortened"]["granted_seconds"]) == (7200, 3600), given
    sessions = sandbox_control.call("GET", "/sessions")["sessions"]
    [session] = [each for each in sessions if each["access_key_id"] == given["access_key_id"]]
    instants = [datetime.datetime.fromisoformat(session[name]) for name in ("issued", "expiration")]
    assert instants[1] - instants[0] == datetime.timedelta(hours=1), session
    assert "role allows no such long session" in broker.log.read_text()
    stated = shown["policy"] | {"max_duration": "2h", "role_max_session": "2h"}
    status, written, tag = call(broker, "PUT", "/policies/developer", stated, If_Match=tag)
    assert status == 200, written
    status, refused = broker.call("POST", *wish)
    assert (status, refused["code"]) == (502, "upstream_refused"), refused
    status, written, _ = call(broker, "PUT", "/policies/developer", shown["policy"], If_Match=tag)
    assert status == 200, written


def stsbroker(*arguments, at=(), status=0):
    result = subprocess.run(["stsbroker", "policy", *arguments, *at], capture_output=True, text=True)
    assert result.returncode == status, (arguments, result)
    return result


def imported(broker, folder):
    """The original's tables become a file, which an administrator brings to the broker, once."""
    (folder / "policies.json").write_text(json.dumps(POLICIES))
    (folder / "teams.json").write_text(TEAMS)
    tables = ["--policies", folder / "policies.json", "--teams", folder / "teams.json", "--approvers", "security"]
    result = stsbroker("import", *tables)
    assert "slack_webhook_url is a secret" in result.stderr and "SECRET" not in result.stdout + result.stderr, result
    (folder / "imported.yaml").write_text(result.stdout)
    as_json = json.loads(stsbroker("import", *tables, "--json").stdout)
    assert [policy["id"] for policy in as_json["policies"]] == ["imported"] == [p["id"] for p in yaml.safe_load(result.stdout)["policies"]]
    with OwnDaemon(broker.url, {"readonly": "readonly"}) as daemon:
        daemon.sign_in("approver")
        at = ["--socket", daemon.control, "--broker", broker.url]
        pushed = stsbroker("push", folder / "imported.yaml", at=at).stdout
        assert pushed == 'policies "imported" created\nteams "developers" changed\n', pushed
        assert stsbroker("push", folder / "imported.yaml", at=at).stdout == stsbroker("push", folder / "imported.yaml", "--json", at=at).stdout == ""
        listed = stsbroker("list", at=at).stdout
        assert "imported" in listed and "admin" in listed, listed
        pruned = stsbroker("push", folder / "imported.yaml", "--prune", at=at).stdout
        assert 'teams "security" removed' in pruned and 'policies "admin" removed' in pruned, pruned
        daemon.sign_in("developer")
        stsbroker("push", folder / "imported.yaml", at=at, status=5)
    status, shown, _ = call(broker, "GET", "/policies/imported")
    assert shown["policy"]["default_tags"] == [{"project": "an old name"}] and shown["policy"]["risk"] == 60, shown
    assert shown["policy"]["approval"]["teams"] == ["security"] and shown["changed_by"]["user"] == "approver", shown
    status, body = broker.call("POST", "/v1/credentials", "developer", {"policy": "imported"})
    assert (status, body["status"]) == (202, "needs_approval"), body


def not_handed_back(broker):
    """A file in the configuration doesn't silently replace what administrators wrote."""
    settings = json.loads(broker.file.read_text()) | {"policies": "policies.yaml"}
    broker.kill()
    broker.file.write_text(json.dumps(settings))
    command = ["stsbroker-server", "--config", broker.file]
    key = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
    result = subprocess.run(command, capture_output=True, text=True, env=os.environ | key, timeout=60)
    assert result.returncode == 1 and "--replace-governed-policies" in result.stderr, result


def main(folder):
    broker = OwnBroker(folder, {"administrators": ["security"]})
    try:
        governed_by_files(broker)
        restarted(broker, {"managed_by": "api"})
        versions = governed_by_api(broker)
        assert [version["revision"] for version in versions] == [2, 1], versions
        assert versions[0]["changed_by"]["user"] == "approver" and "file" in versions[1]["changed_by"], versions
        without_source_identity(broker)
        longer_than_its_role(broker)
        imported(broker, folder)
        not_handed_back(broker)
        restarted(broker, {"managed_by": "api"})
        assert call(broker, "GET", "/policies/imported")[1]["revision"] == 1
    finally:
        broker.kill()


with tempfile.TemporaryDirectory() as scratch:
    main(pathlib.Path(scratch))
