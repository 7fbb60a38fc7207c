"""Signs in with tokens of a Cognito user pool, which moto keeps, and gets credentials by them. Wants the sandbox's `env` and a
scratch folder. Ends at the first surprise."""

import json
import os
import pathlib
import subprocess
import sys

import boto3
from faults.own_daemon import OwnDaemon
from own_broker import OwnBroker

SCRATCH = pathlib.Path(sys.argv[1])
MOTO = pathlib.Path(__file__).resolve().parents[2] / "TestSupport/Python/moto_until_stdin_closes.py"
PASSWORD = "Correct-horse-1"


def pool(endpoint):
    """A pool with a person of the team that may have readonly, the app client, and the person's tokens."""
    cognito = boto3.client(
        "cognito-idp", endpoint_url=endpoint, region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")
    schema = [{"Name": name, "AttributeDataType": "String"} for name in ("teams", "costcenter")]
    identifier = cognito.create_user_pool(PoolName="people", Schema=schema)["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=identifier, ClientName="stsbroker", GenerateSecret=False,
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])["UserPoolClient"]["ClientId"]
    claims = {"email": "ana@example.com", "custom:teams": "operators", "custom:costcenter": "4004"}
    attributes = [{"Name": name, "Value": value} for name, value in claims.items()]
    cognito.admin_create_user(UserPoolId=identifier, Username="ana", UserAttributes=attributes)
    cognito.admin_set_user_password(UserPoolId=identifier, Username="ana", Password=PASSWORD, Permanent=True)
    tokens = cognito.admin_initiate_auth(
        UserPoolId=identifier, ClientId=client, AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ana", "PASSWORD": PASSWORD})["AuthenticationResult"]
    return identifier, client, tokens


class CognitoDaemon(OwnDaemon):
    def __init__(self, broker, issuer, client):
        self.provider_settings = {"issuer": issuer, "client_id": client}
        super().__init__(broker, {"readonly": "readonly"})

    def _text_of(self, *settings):
        return json.dumps(json.loads(super()._text_of(*settings)) | {"identity_provider": self.provider_settings})

    def hand_over(self, tokens):
        body = self.provider_settings | {"id_token": tokens["IdToken"], "refresh_token": tokens["RefreshToken"]}
        command = [
            "curl", "-s", "--unix-socket", self.control, "-X", "PUT", "-d", json.dumps(body), "-o", "/dev/null", "-w",
            "%{http_code}", "http://localhost/v1/sign-in"]
        return subprocess.run(command, capture_output=True, text=True).stdout


def stsbroker(daemon, broker, *arguments):
    command = ["stsbroker", *arguments, "--socket", daemon.control]
    result = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"STSBROKER_URL": broker.url})
    assert result.returncode == 0, result
    return result.stdout


moto = subprocess.Popen([sys.executable, MOTO], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
endpoint = f"http://127.0.0.1:{moto.stdout.readline().strip()}"
identifier, client, tokens = pool(endpoint)
issuer = f"https://cognito-idp.eu-central-1.amazonaws.com/{identifier}"
entry = {
    "issuer": issuer, "audiences": [client], "jwks_uri": f"{endpoint}/{identifier}/.well-known/jwks.json", "algorithms": ["RS256"],
    "token_use": "id", "claims": {"user": "cognito:username", "teams": "custom:teams"}}
broker = OwnBroker(SCRATCH, {"issuers": [entry], "web": None})
try:
    with CognitoDaemon(broker.url, issuer, client) as daemon:
        assert daemon.hand_over(tokens) == "204"
        assert "ana" in stsbroker(daemon, broker, "whoami")
        assert "readonly" in stsbroker(daemon, broker, "policies", "--columns", "policy", "--no-header")
        keys = json.loads(stsbroker(daemon, broker, "credential-process", "readonly"))
        environment = os.environ | {
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"]}
        command = ["aws", "sts", "get-caller-identity", "--query", "Arn", "--output", "text"]
        arn = subprocess.run(command, capture_output=True, text=True, env=environment).stdout
        assert arn == "arn:aws:sts::111122223333:assumed-role/stsbroker-readonly/ana\n", arn
finally:
    broker.kill()
    moto.kill()
