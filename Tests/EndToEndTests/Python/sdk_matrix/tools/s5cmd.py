"""s5cmd, which is the AWS SDK for Go, version 1."""

import subprocess

NAME = "s5cmd"
FACES = ["container", "imds"]


def environment(task):
    return task.token_variable()


def connect(task):
    command = ["s5cmd", "--endpoint-url", task.endpoint, "ls", f"s3://{task.bucket}/"]
    return lambda: subprocess.run(command, check=True, timeout=50)
