"""What brokers have after a while: audit trails of any length, chained as the broker chains them, of requests that were issued at once, and
grants of one person that have not ended."""

import hashlib
import json
import sqlite3
import time

PRINCIPAL = {"issuer": "https://idp.example", "subject": "sub-1"}


def fill(file, count):
    with sqlite3.connect(file) as database:
        sequence, previous = database.execute("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1").fetchone()
        database.execute("PRAGMA synchronous = OFF")
        database.executemany("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)", records(sequence, previous, count))
    database.close()


def fill_grants(file, count, claims, policy):
    begin = int(time.time() * 1000)
    who = claims["iss"], claims["sub"], "developer", policy, "0" * 64
    names = [f"{number:032x}" for number in range(count)]
    with sqlite3.connect(file) as database:
        database.executemany(
            "INSERT INTO requests (id, issuer, subject, user_name, policy_id, policy_version, state, received_at)"
            " VALUES (?, ?, ?, ?, ?, ?, 'allow', ?)", ((name, *who, begin) for name in names))
        database.executemany(
            "INSERT INTO grants (request_id, issuer, subject, user_name, policy_id, policy_version, tags, delivery, not_before, not_after)"
            " VALUES (?, ?, ?, ?, ?, ?, '[]', 'immediate', ?, ?)", ((name, *who, begin, begin + 3_600_000) for name in names))
    database.close()


def records(sequence, previous, count):
    while sequence < count:
        for kind, details in events(sequence):
            sequence += 1
            request = details["requestID"]
            text = json.dumps(details, sort_keys=True, separators=(",", ":"))
            at = 1_800_000_000_000 + sequence
            fields = [previous, str(sequence), str(at), kind, request, text]
            joined = "".join(f"{len(field.encode())}:{field}" for field in fields)
            previous = hashlib.sha256(joined.encode()).hexdigest()
            yield sequence, at, kind, request, text, previous


def events(number):
    request = f"{number:032x}"
    common = {"requestID": request, "policyID": "policy-000005"}
    asked = common | {"principal": PRINCIPAL, "userName": f"user-{number % 100_000}", "teams": ["developers"]}
    yield "request", asked
    rules = ["policy_exists", "team_membership", "policy_condition", "automatic_risk", "duration", "user_tags"]
    yield "decision", common | {
        "outcome": "allow", "policyVersion": "0" * 64, "trace": [f"{rule} permits: for a good reason" for rule in rules]}
    yield "issuance", common | {
        "principal": PRINCIPAL, "userName": f"user-{number % 100_000}", "policyVersion": "0" * 64,
        "roleARN": "arn:aws:iam::111122223333:role/stsbroker-developer", "sessionName": f"user-{number % 100_000}",
        "sourceIdentity": f"user-{number % 100_000}", "tags": [], "accessKeyID": f"ASIA{number:016d}",
        "expiration": "2027-01-15T09:00:00Z"}
