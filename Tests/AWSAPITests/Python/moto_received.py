"""What has arrived in the queue of moto_topic.py. In: {"endpoint", "accessKeyID", "secretAccessKey"}. Out: each message's subject, text
and attributes."""

import json
import sys

import boto3

question = json.load(sys.stdin)
sqs = boto3.client(
    "sqs", endpoint_url=question["endpoint"], region_name="us-east-1", aws_access_key_id=question["accessKeyID"],
    aws_secret_access_key=question["secretAccessKey"])
queue = sqs.get_queue_url(QueueName="approvers")["QueueUrl"]
answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
bodies = [json.loads(each["Body"]) for each in answer.get("Messages", [])]
json.dump(
    [{
        "subject": each["Subject"], "message": each["Message"],
        "attributes": {name: value["Value"] for name, value in each["MessageAttributes"].items()}} for each in bodies],
    sys.stdout)
