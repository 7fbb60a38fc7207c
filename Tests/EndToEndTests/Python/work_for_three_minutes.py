"""Calls AWS with boto3 for three minutes while the broker fails half of the time; ends at the first failure."""

import json
import os
import time
import urllib.request

import boto3

KINDS = ["error", "reset", "hang", "garbage"]


def arm(kind):
    body = {"target": "broker", "kind": kind, "seconds": 45, "period_seconds": 6}
    request = urllib.request.Request(
        os.environ["STSBROKER_SANDBOX_URL"] + "/faults", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).read()


client = boto3.client("sts")
keys = set()
calls = 0
client.get_caller_identity()
for kind in KINDS:
    arm(kind)
    until = time.monotonic() + 45
    while time.monotonic() < until:
        assert client.get_caller_identity()["Arn"].endswith("/developer")
        keys.add(client._request_signer._credentials.get_frozen_credentials().access_key)
        calls += 1
        time.sleep(0.5)
print(json.dumps({"calls": calls, "keys": len(keys)}))
