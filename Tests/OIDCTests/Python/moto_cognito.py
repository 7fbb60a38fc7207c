"""Makes two Cognito user pools in moto and signs a user in at each. In: {"endpoint"}. Out: for each pool the issuer, the
client, the address of its keys and an ID token (with an access token beside it)."""

import json
import sys

import boto3

endpoint = json.load(sys.stdin)["endpoint"]
cognito = boto3.client(
    "cognito-idp", endpoint_url=endpoint, region_name="eu-central-1", aws_access_key_id="setup",
    aws_secret_access_key="setup")


def sign_in(name):
    pool = cognito.create_user_pool(PoolName=name)["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="stsbroker", GenerateSecret=False,
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(
        UserPoolId=pool, Username="alice", UserAttributes=[{"Name": "email", "Value": "alice@example.com"}])
    cognito.admin_set_user_password(UserPoolId=pool, Username="alice", Password="Correct-horse-1", Permanent=True)
    answer = cognito.admin_initiate_auth(
        UserPoolId=pool, ClientId=client, AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "alice", "PASSWORD": "Correct-horse-1"})["AuthenticationResult"]
    return {
        "issuer": f"https://cognito-idp.eu-central-1.amazonaws.com/{pool}", "client": client,
        "jwks": f"{endpoint}/{pool}/.well-known/jwks.json", "idToken": answer["IdToken"],
        "accessToken": answer["AccessToken"]}


json.dump([sign_in("ours"), sign_in("theirs")], sys.stdout)
