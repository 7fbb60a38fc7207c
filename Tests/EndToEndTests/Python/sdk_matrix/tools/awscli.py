"""The AWS CLI, version 1: botocore in a process for each command."""

import subprocess

NAME = "AWS CLI"
FACES = ["container", "imds"]


def connect(task):
    command = ["aws", "--endpoint-url", task.endpoint, "sts", "get-caller-identity"]
    return lambda: subprocess.run(command, check=True, timeout=50)
