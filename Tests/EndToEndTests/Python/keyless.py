"""A broker without a key of AWS: boto3 gets tagged credentials of 12 hours, STS has verified the broker's own token, and takes no
other. Wants the `env` of a sandbox that runs with --keyless. Ends at the first surprise."""

import datetime
import json
import os
import pathlib
import time

import boto3
import botocore
import botocore.exceptions
import jwt_of_broker
import sandbox_control
from faults.own_daemon import sandbox_addresses

ADDRESSES = sandbox_addresses()
ENDPOINT = os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"].rpartition("/role/")[0] + "/role/readonly"
ROLE = "arn:aws:iam::111122223333:role/stsbroker-{}"


def has_no_key():
    variables = pathlib.Path(f"/proc/{ADDRESSES['broker_pid']}/environ").read_bytes().split(b"\0")
    assert not [each for each in variables if each.startswith((b"AWS_ACCESS", b"AWS_SECRET", b"AWS_SESSION"))], variables


def gets_credentials():
    """As any program would; the answer's lifetime, and whom STS takes it for."""
    os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = ENDPOINT
    session = boto3.Session()
    credentials = session.get_credentials().get_frozen_credentials()
    assert credentials.access_key.startswith("ASIA"), credentials.access_key
    arn = session.client("sts").get_caller_identity()["Arn"]
    assert arn == "arn:aws:sts::111122223333:assumed-role/stsbroker-readonly/developer", arn
    return credentials.access_key


def is_recorded(key):
    [session] = [
        each for each in sandbox_control.call("GET", "/sessions")["sessions"] if each["access_key_id"] == key]
    instants = [datetime.datetime.fromisoformat(session[name]) for name in ("issued", "expiration")]
    assert instants[1] - instants[0] == datetime.timedelta(hours=12), session
    assert session["tags"] == {"costcenter": "1001", "project": "sandbox"}, session
    assert session["transitive_tag_keys"] == ["costcenter"], session
    assert session["source_identity"] == "developer", session
    assert session["assumed_by"] == "policy:readonly", session
    assert session["policy_arns"] == ["arn:aws:iam::aws:policy/ReadOnlyAccess"], session


def refusal(token, policy="readonly", **parameters):
    """The code with which STS refuses a token, or None."""
    sts = boto3.client("sts", config=botocore.config.Config(signature_version=botocore.UNSIGNED))
    try:
        sts.assume_role_with_web_identity(
            RoleArn=ROLE.format(policy), RoleSessionName="somebody", WebIdentityToken=token, **parameters)
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]


def is_strict():
    """The sandbox's STS judges tokens by what the broker publishes, so that the broker's are good for something."""
    issuer = jwt_of_broker.Issuer(ADDRESSES["broker_url"], pathlib.Path(ADDRESSES["state_dir"]))
    now = int(time.time())
    good = {
        "iss": ADDRESSES["broker_url"], "sub": "policy:readonly", "aud": "sts.amazonaws.com", "iat": now, "exp": now + 60,
        "https://aws.amazon.com/tags": {"principal_tags": {"team": ["a"]}, "transitive_tag_keys": ["team"]},
        "https://aws.amazon.com/source_identity": "somebody"}
    assert refusal(issuer.token(good)) is None
    assert refusal(issuer.token(good), DurationSeconds=43200) is None
    tags = "https://aws.amazon.com/tags"
    cases = [
        ({"aud": "other"}, "AccessDenied"), ({"sub": "policy:admin"}, "AccessDenied"), ({"sub": "x"}, "InvalidIdentityToken"),
        ({"exp": now - 1}, "ExpiredTokenException"), ({"iat": now + 600}, "InvalidIdentityToken"),
        ({tags: {"principal_tags": {"team": "a"}}}, "InvalidIdentityToken"),
        ({tags: {"principal_tags": {"team": ["a", "b"]}}}, "InvalidIdentityToken"),
        ({tags: {"principal_tags": {"aws:x": ["a"]}}}, "ValidationError"),
        ({tags: {"principal_tags": {"a": ["b"]}, "transitive_tag_keys": ["c"]}}, "ValidationError"),
        ({"https://aws.amazon.com/source_identity": "a b"}, "ValidationError")]
    for change, code in cases:
        assert refusal(issuer.token(good | change)) == code, (change, refusal(issuer.token(good | change)))
    assert refusal(issuer.token(good, foreign=True)) == "InvalidIdentityToken"
    assert refusal(issuer.token(good), policy="notags") == "AccessDenied"
    assert refusal(issuer.token(good), DurationSeconds=43201) == "ValidationError"
    sandbox_control.call("POST", "/faults", {"target": "broker", "path": "/jwks", "kind": "reset", "seconds": 600})
    assert refusal(issuer.token(good)) == "IDPCommunicationError"
    sandbox_control.call("DELETE", "/faults")
    assert refusal(issuer.token(good)) is None


has_no_key()
is_recorded(gets_credentials())
is_strict()
