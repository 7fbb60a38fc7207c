"""Prints the expiration of the default role's credentials as each party tells it: the container face, the instance metadata
service, boto3 by both, and STS, which minted them."""

import json
import os
import time
import urllib.error
import urllib.request

import botocore.session
import sandbox_control

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
BY_CONTAINER = {
    name: os.environ[name]
    for name in ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]
}
IMDS = os.environ["IMDS_URL"]


def get(url, headers=None, method="GET"):
    with OPENER.open(urllib.request.Request(url, headers=headers or {}, method=method)) as answer:
        return answer.read().decode()


def container():
    with open(BY_CONTAINER["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]) as file:
        token = file.read()
    return json.loads(get(BY_CONTAINER["AWS_CONTAINER_CREDENTIALS_FULL_URI"], {"Authorization": token}))


def imds():
    token = get(IMDS + "latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "60"}, "PUT")
    headers = {"X-aws-ec2-metadata-token": token}
    path = "latest/meta-data/iam/security-credentials/"
    return json.loads(get(IMDS + path + get(IMDS + path, headers), headers))


def boto3():
    credentials = botocore.session.Session().get_credentials()
    credentials.get_frozen_credentials()
    return credentials._expiry_time.strftime("%Y-%m-%dT%H:%M:%SZ")


def first_answer(patience=60):
    """The daemon asks callers to come again while it waits for its broker, which a busy machine lets it do for a while."""
    until = time.monotonic() + patience
    while True:
        try:
            return container()
        except urllib.error.HTTPError as refusal:
            assert refusal.code == 503 and time.monotonic() < until, refusal.read()
            time.sleep(1)


first = first_answer()
minted = [s for s in sandbox_control.call("GET", "/sessions")["sessions"] if s["access_key_id"] == first["AccessKeyId"]]
expirations = {"sts": minted[0]["expiration"], "container": first["Expiration"], "imds": imds()["Expiration"]}
expirations["boto3_container"] = boto3()
for name in BY_CONTAINER:
    del os.environ[name]
os.environ["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = IMDS
expirations["boto3_imds"] = boto3()
print(json.dumps(expirations))
