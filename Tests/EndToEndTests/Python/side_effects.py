"""A broker of its own revokes while IAM and SNS are away, is killed, and makes up for it: the sessions of the revoked grant alone are
denied in the base role, and the approvers' queue has the notice that its filter asks for. Wants the sandbox's `env`. Ends at the first
surprise."""

import json
import pathlib
import subprocess
import sys
import tempfile

import boto3
import yaml
from own_broker import STATE, OwnBroker, awaited, free_port

TOPIC = "arn:aws:sns:us-east-1:123456789012:approvals"
FILTER = {"kind": ["approval_needed"]}


class Moto:
    def __init__(self, port):
        self.endpoint = f"http://127.0.0.1:{port}"
        program = pathlib.Path(sys.executable).with_name("moto_server")
        self.process = subprocess.Popen(
            [program, "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def client(self, service):
        return boto3.client(
            service, endpoint_url=self.endpoint, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")

    def set_up(self):
        """The base role, and the approvers' queue behind the topic. Returns the queue."""
        self.client("iam").create_role(RoleName="stsbroker-readonly", AssumeRolePolicyDocument="{}")
        sns, sqs = self.client("sns"), self.client("sqs")
        queue = sqs.create_queue(QueueName="approvers")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        assert sns.create_topic(Name="approvals")["TopicArn"] == TOPIC
        sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=arn, Attributes={"FilterPolicy": json.dumps(FILTER)})
        return queue

    def denied(self):
        """What the base role's policy of the broker denies, once there is one."""
        iam = self.client("iam")
        if iam.list_role_policies(RoleName="stsbroker-readonly")["PolicyNames"] != ["stsbroker-revoked"]:
            return None
        answer = iam.get_role_policy(RoleName="stsbroker-readonly", PolicyName="stsbroker-revoked")
        [statement] = answer["PolicyDocument"]["Statement"]
        assert statement["Effect"] == "Deny" and statement["Action"] == "*", statement
        return statement["Condition"]["StringLike"]["aws:userid"]


def main(folder):
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    aws = yaml.safe_load((STATE / "stsbroker-server.yaml").read_text())["aws"]
    settings = {
        "aws": aws | {"revocation": {"role": "stsbroker-revocation", "iam_endpoint": endpoint}},
        "notifications": {"targets": [{"name": "approvals", "sns": {"topic_arn": TOPIC, "endpoint": endpoint}}]}}
    broker = OwnBroker(folder, settings, tell_approvers)

    status, kept = broker.call("POST", "/v1/credentials", "developer", {"policy": "readonly"})
    assert status == 200, kept
    status, taken = broker.call("POST", "/v1/credentials", "developer", {"policy": "readonly"})
    assert status == 200, taken
    status, revoked = broker.call("POST", f"/v1/requests/{taken['request_id']}/revoke", "developer", {})
    assert status == 200, revoked
    status, waiting = broker.call("POST", "/v1/requests", "developer", {"policy": "admin", "reason": "a release"})
    assert status == 201, waiting
    awaited(lambda: denials(broker), "tried in vain")
    assert "sessions not denied in iam" in broker.log.read_text(), broker.log.read_text()
    broker.kill()

    moto = Moto(port)
    try:
        queue = awaited(lambda: attempted(moto.set_up), "set up")
        broker.start()
        name = f"developer.{taken['request_id'][:12]}"
        assert awaited(moto.denied, "denied in IAM") == [f"*:{name}"]
        decision = {"decision": "deny", "content_hash": waiting["content_hash"]}
        assert broker.call("POST", f"/v1/requests/{waiting['request_id']}/decision", "approver", decision)[0] == 200
        awaited(lambda: broker.log.read_text().count("notice delivered") >= 2, "both notices published")
        messages = moto.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
        [message] = [json.loads(each["Body"]) for each in messages]
        assert message["Subject"] == "developer asks for admin" and "Reason: a release" in message["Message"], message
        attributes = {name: value["Value"] for name, value in message["MessageAttributes"].items()}
        assert attributes == {
            "kind": "approval_needed", "policy": "admin", "user": "developer",
            "request_id": waiting["request_id"]}, attributes
        is_audited(broker, name)
    finally:
        moto.process.kill()
        broker.kill()


def denials(broker):
    """What the audit trail says of attempts to deny sessions."""
    status, page = broker.call("GET", "/v1/audit", "approver")
    assert status == 200, page
    return [json.loads(each["details"]) for each in page["records"] if each["kind"] == "role_denial"]


def is_audited(broker, name):
    found = denials(broker)
    assert [each["outcome"] for each in found] == ["failed", "denied"], found
    assert found[-1]["sessionNames"] == [name], found


def tell_approvers(policy):
    if "approval" in policy:
        policy["approval"]["notify"] = ["approvals"]


def attempted(body):
    """Its result, or None while moto starts."""
    try:
        return body()
    except Exception as error:
        assert "Could not connect" in str(error) or "Connection" in str(error), error
        return None


with tempfile.TemporaryDirectory() as scratch:
    main(pathlib.Path(scratch))
