"""Makes a Cognito user pool in moto with one developer, who signs in, and a role for them to assume. In: {"endpoint"}.
Out: the pool's issuer, client and key address, the developer's ID token, one for another client of the pool, and one of
another pool with the same developer."""

import json
import sys

import boto3

endpoint = json.load(sys.stdin)["endpoint"]
setup = {
    "endpoint_url": endpoint, "region_name": "eu-central-1", "aws_access_key_id": "setup",
    "aws_secret_access_key": "setup"}
cognito = boto3.client("cognito-idp", **setup)


def make_pool(name):
    pool = cognito.create_user_pool(
        PoolName=name,
        Schema=[{"Name": name, "AttributeDataType": "String"} for name in ("teams", "department")])["UserPool"]["Id"]
    cognito.admin_create_user(
        UserPoolId=pool, Username="alice",
        UserAttributes=[
            {"Name": "custom:teams", "Value": "[developers, others]"},
            {"Name": "custom:department", "Value": "research"}])
    cognito.admin_set_user_password(UserPoolId=pool, Username="alice", Password="Correct-horse-1", Permanent=True)
    return pool


def make_client(pool, name):
    return cognito.create_user_pool_client(
        UserPoolId=pool, ClientName=name,
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"])["UserPoolClient"]["ClientId"]


def id_token(pool, client):
    return cognito.admin_initiate_auth(
        UserPoolId=pool, ClientId=client, AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "alice", "PASSWORD": "Correct-horse-1"})["AuthenticationResult"]["IdToken"]


pool = make_pool("broker")
client = make_client(pool, "stsbroker")
other_pool = make_pool("other")

boto3.client("iam", **setup).create_role(RoleName="Reader", AssumeRolePolicyDocument="{}")

json.dump(
    {"issuer": f"https://cognito-idp.eu-central-1.amazonaws.com/{pool}", "client": client,
     "jwks": f"{endpoint}/{pool}/.well-known/jwks.json", "idToken": id_token(pool, client),
     "otherClientToken": id_token(pool, make_client(pool, "other")),
     "otherPoolToken": id_token(other_pool, make_client(other_pool, "stsbroker"))}, sys.stdout)
