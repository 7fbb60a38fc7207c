"""Calls AWS with boto3 for three minutes while the broker fails half of the time; ends at the first failure. Prints how many
calls were made, with how many keys, and how often the broker was asked for how many sessions."""

import json
import time

import boto3

import sandbox_control

KINDS = ["error", "reset", "hang", "garbage"]
SECONDS_EACH = 45

client = boto3.client("sts")
keys = set()
calls = 0
client.get_caller_identity()
for kind in KINDS:
    fault = {"target": "broker", "kind": kind, "seconds": SECONDS_EACH, "period_seconds": 6}
    sandbox_control.call("POST", "/faults", fault)
    until = time.monotonic() + SECONDS_EACH
    while time.monotonic() < until:
        assert client.get_caller_identity()["Arn"].endswith("/developer")
        keys.add(client._request_signer._credentials.get_frozen_credentials().access_key)
        calls += 1
        time.sleep(0.5)
sessions = len(sandbox_control.call("GET", "/sessions")["sessions"])
print(
    json.dumps(
        {"calls": calls, "keys": len(keys), "sessions": sessions, "brokerCalls": sandbox_control.broker_calls()}
    )
)
