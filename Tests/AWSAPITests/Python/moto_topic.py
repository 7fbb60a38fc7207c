"""Makes a topic in moto, with a queue that subscribes to what approvers have to do by the filter that docs/operations.md gives, and a
user who may publish; then has moto check signatures and policies. In: {"endpoint"}. Out: the user's key and the topic."""

import json
import sys
import urllib.request

import boto3

endpoint = json.load(sys.stdin)["endpoint"]
setup = {"endpoint_url": endpoint, "region_name": "us-east-1", "aws_access_key_id": "setup", "aws_secret_access_key": "setup"}
sns, sqs, iam = boto3.client("sns", **setup), boto3.client("sqs", **setup), boto3.client("iam", **setup)

topic = sns.create_topic(Name="approvals")["TopicArn"]
queue = sqs.create_queue(QueueName="approvers")["QueueUrl"]
queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
sns.subscribe(
    TopicArn=topic, Protocol="sqs", Endpoint=queue_arn, Attributes={"FilterPolicy": '{"kind": ["approval_needed"]}'})

iam.create_user(UserName="broker")
key = iam.create_access_key(UserName="broker")["AccessKey"]
statements = [{"Effect": "Allow", "Action": ["sns:Publish", "sqs:*"], "Resource": "*"}]
iam.put_user_policy(
    UserName="broker", PolicyName="publish", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}))
urllib.request.urlopen(urllib.request.Request(
    f"{endpoint}/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"}, method="POST"), timeout=30).read()
json.dump({"accessKeyID": key["AccessKeyId"], "secretAccessKey": key["SecretAccessKey"], "topic": topic}, sys.stdout)
