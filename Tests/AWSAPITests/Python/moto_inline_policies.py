"""Makes a role with an inline policy in moto, and a user who may change its inline policies; then has moto check signatures and
policies. In: {"endpoint"}. Out: the user's key and the role."""

import json
import sys
import urllib.request

import boto3

endpoint = json.load(sys.stdin)["endpoint"]
iam = boto3.client(
    "iam", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="setup", aws_secret_access_key="setup")


def policy(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


role = iam.create_role(RoleName="base", Path="/team/", AssumeRolePolicyDocument="{}")["Role"]
iam.put_role_policy(RoleName="base", PolicyName="theirs", PolicyDocument=policy(Action="s3:*", Resource="*"))
iam.create_user(UserName="broker")
key = iam.create_access_key(UserName="broker")["AccessKey"]
actions = ["iam:ListRolePolicies", "iam:GetRolePolicy", "iam:PutRolePolicy", "iam:DeleteRolePolicy"]
iam.put_user_policy(UserName="broker", PolicyName="deny", PolicyDocument=policy(Action=actions, Resource="*"))
urllib.request.urlopen(urllib.request.Request(
    f"{endpoint}/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"}, method="POST"), timeout=30).read()
json.dump({
    "accessKeyID": key["AccessKeyId"], "secretAccessKey": key["SecretAccessKey"], "roleARN": role["Arn"]}, sys.stdout)
