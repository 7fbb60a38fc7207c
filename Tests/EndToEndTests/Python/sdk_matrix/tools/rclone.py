"""rclone of Debian, which is the AWS SDK for Go, version 1."""

import subprocess

NAME = "rclone of Debian"
FACES = ["container", "imds"]


def environment(task):
    return task.token_variable()


def connect(task):
    place = f":s3,provider=Other,env_auth=true,region=us-east-1,endpoint='{task.endpoint}':{task.bucket}"
    command = ["/usr/bin/rclone", "--config", "", "lsf", place]
    return lambda: subprocess.run(command, check=True, timeout=50)
