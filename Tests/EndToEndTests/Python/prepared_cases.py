"""Requests, policies and teams in the state that an operation by id wants, and for each of them a case that it accepts: by `operationId`,
what path, header and body have."""

# Some may be met by what schemathesis makes up before it comes to the case.
EACH = 3
ROLE = "arn:aws:iam::111122223333:role/stsbroker-readonly"


def made(broker, method, path, user, body, **headers):
    status, answer = broker.call(method, path, user, body, **headers)
    assert status == 201, (path, status, answer)
    return answer


def requested(broker, policy):
    """The developer's, as it was recorded."""
    return made(broker, "POST", "/v1/requests", "developer", {"policy": policy, "reason": "to be described"})


def by_id(item, **more):
    return {"path_parameters": {"id": item}, **more}


def cases_of_approver(broker):
    """The developer's requests wait for the approver, who says yes and no."""
    shown, decided = requested(broker, "admin")["request_id"], []
    for choice in ["approve", "deny"] * EACH:
        request = requested(broker, "admin")
        body = {"decision": choice, "content_hash": request["content_hash"]}
        decided.append(by_id(request["request_id"], body=body))
    return {"showRequest": [by_id(shown)], "decideRequest": decided} | cases_of_reader()


def cases_of_developer(broker):
    """What waits is cancelled, and what the rules have granted is revoked."""
    cancelled = [by_id(requested(broker, "admin")["request_id"], body={"comment": "no longer"}) for _ in range(EACH)]
    revoked = [by_id(requested(broker, "readonly")["request_id"], body={}) for _ in range(EACH)]
    shown = by_id(requested(broker, "readonly")["request_id"])
    return {"showRequest": [shown], "cancelRequest": cancelled, "revokeRequest": revoked}


def cases_of_reader():
    """Policies and teams of the sandbox, as they are and were."""
    policy, team = by_id("readonly"), by_id("developers")
    return {"readPolicy": [policy], "policyVersions": [policy], "readTeam": [team], "teamVersions": [team]}


def policy(name, risk=1):
    return {
        "id": name, "description": "Described", "account": ROLE.split(":")[4], "base_role": ROLE, "risk": risk,
        "max_duration": "1h", "condition": [{"Bool": {"broker:MfaPresent": True}}, {"NumericLessThan": {"broker:Risk": 50}}]}


def cases_of_administrator(broker):
    """Policies and teams are created, changed and removed; no team names a policy that is to go."""
    return cases_of_items(broker, "policies", "Policy", policy, {"risk": 2}) | cases_of_items(
        broker, "teams", "Team", lambda name: {"id": name, "policies": []}, {"policies": ["changed-0"]})


def cases_of_items(broker, collection, noun, content, change):
    def stored(name):
        """Its entity tag."""
        path = f"/v1/admin/{collection}/{name}"
        return f'"{made(broker, "PUT", path, "approver", content(name), If_None_Match="*")["version"]}"'

    numbers = range(EACH)
    created = [by_id(f"created-{n}", headers={"If-None-Match": "*"}, body=content(f"created-{n}")) for n in numbers]
    changed = [by_id(f"changed-{n}", headers={"If-Match": stored(f"changed-{n}")}, body=content(f"changed-{n}") | change)
               for n in numbers]
    removed = [by_id(f"removed-{n}", headers={"If-Match": stored(f"removed-{n}")}) for n in numbers]
    stored("kept")
    versions = "policyVersions" if noun == "Policy" else "teamVersions"
    return {
        f"read{noun}": [by_id("kept")], f"write{noun}": created + changed, f"remove{noun}": removed,
        versions: [by_id("kept")]}
