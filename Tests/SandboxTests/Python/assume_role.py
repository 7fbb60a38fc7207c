"""Uses the sandbox's STS through boto3, as a program would. Exits non-zero with the first broken expectation."""

import datetime
import json
import sys
import urllib.request

import boto3
from botocore.exceptions import ClientError

ENDPOINT, KEY_ID, SECRET, CONTROL = sys.argv[1:5]
ROLE = "arn:aws:iam::111122223333:role/"


def client(key_id, secret, token=None):
    return boto3.client("sts", endpoint_url=ENDPOINT, region_name="us-east-1", aws_access_key_id=key_id,
                        aws_secret_access_key=secret, aws_session_token=token)


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        actual = error.response["Error"]["Code"]
        assert actual == code, f"{actual} instead of {code}: {error}"
        assert error.response["Error"]["Message"], "no message"
        return error.response
    raise AssertionError(f"not refused, though {code} was due: {arguments}")


user = client(KEY_ID, SECRET)
identity = user.get_caller_identity()
assert identity["Arn"] == "arn:aws:iam::111122223333:user/stsbroker", identity
assert identity["Account"] == "111122223333", identity

answer = user.assume_role(
    RoleArn=ROLE + "stsbroker-readonly", RoleSessionName="alice@example.com", DurationSeconds=900,
    Tags=[{"Key": "größe", "Value": "a & <b>".replace("&", "+").replace("<", "").replace(">", "")},
          {"Key": "team", "Value": "developers"}],
    TransitiveTagKeys=["team"], SourceIdentity="alice",
    PolicyArns=[{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}],
    Policy=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}))
assert answer["SourceIdentity"] == "alice", answer
assert answer["AssumedRoleUser"]["Arn"].endswith(":assumed-role/stsbroker-readonly/alice@example.com"), answer
assert 0 < answer["PackedPolicySize"] <= 100, answer
left = answer["Credentials"]["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
assert 800 < left.total_seconds() <= 900, left

keys = answer["Credentials"]
session = client(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
identity = session.get_caller_identity()
assert identity["Arn"] == answer["AssumedRoleUser"]["Arn"], identity
assert identity["UserId"] == answer["AssumedRoleUser"]["AssumedRoleId"], identity

chained = session.assume_role(RoleArn=ROLE + "stsbroker-chained", RoleSessionName="second")
assert chained["SourceIdentity"] == "alice", chained
refused("ValidationError", session.assume_role, RoleArn=ROLE + "stsbroker-chained", RoleSessionName="second",
        DurationSeconds=7200)
refused("AccessDenied", user.assume_role, RoleArn=ROLE + "stsbroker-admin", RoleSessionName="alice")
refused("PackedPolicyTooLarge", user.assume_role, RoleArn=ROLE + "stsbroker-readonly", RoleSessionName="alice",
        Tags=[{"Key": f"k{n}", "Value": "v" * 250} for n in range(9)])
refused("MalformedPolicyDocument", user.assume_role, RoleArn=ROLE + "stsbroker-readonly", RoleSessionName="alice",
        Policy="{")
response = refused("ValidationError", user.assume_role, RoleArn=ROLE + "stsbroker-readonly", RoleSessionName="a b<&>")
assert "'a b<&>'" in response["Error"]["Message"], response
assert response["ResponseMetadata"]["HTTPStatusCode"] == 400, response
assert response["ResponseMetadata"]["RequestId"], response

request = urllib.request.Request(CONTROL + "/tokens", method="POST", data=json.dumps(
    {"user": "developer", "principal_tags": {"team": "developers"}, "source_identity": "developer"}).encode())
token = json.load(urllib.request.urlopen(request, timeout=30))["id_token"]
web = client(None, None).assume_role_with_web_identity(
    RoleArn=ROLE + "stsbroker-webidentity", RoleSessionName="web", WebIdentityToken=token)
assert web["SourceIdentity"] == "developer" and web["Audience"] == "stsbroker", web
refused("InvalidIdentityToken", user.assume_role_with_web_identity, RoleArn=ROLE + "stsbroker-webidentity",
        RoleSessionName="web", WebIdentityToken="garbage")

text = urllib.request.urlopen(CONTROL + "/sessions", timeout=30).read().decode()
sessions = json.loads(text)["sessions"]
assert len(sessions) == 3, sessions
first = next(s for s in sessions if s["session_name"] == "alice@example.com")
assert first["tags"]["team"] == "developers" and first["transitive_tag_keys"] == ["team"], first
assert first["source_identity"] == "alice" and "s3:*" in first["policy"], first
assert keys["SecretAccessKey"] not in text and keys["SessionToken"] not in text, "a secret is shown"
