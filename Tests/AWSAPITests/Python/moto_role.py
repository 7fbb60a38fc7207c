"""Makes a user with a key, a permission and a role in moto, then has moto check signatures and policies.
In: {"endpoint"}. Out: the key and the role."""

import json
import sys
import urllib.request

import boto3

endpoint = json.load(sys.stdin)["endpoint"]
iam = boto3.client(
    "iam", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="setup", aws_secret_access_key="setup")
user = iam.create_user(UserName="broker")["User"]
key = iam.create_access_key(UserName="broker")["AccessKey"]
trust = {
    "Version": "2012-10-17",
    "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": user["Arn"]},
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]}],
}
role = iam.create_role(RoleName="developer", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
allow = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role["Arn"]}],
}
iam.put_user_policy(UserName="broker", PolicyName="assume", PolicyDocument=json.dumps(allow))
urllib.request.urlopen(urllib.request.Request(
    f"{endpoint}/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"}, method="POST"), timeout=30).read()
json.dump({
    "accessKeyID": key["AccessKeyId"], "secretAccessKey": key["SecretAccessKey"],
    "userARN": user["Arn"], "roleARN": role["Arn"]}, sys.stdout)
