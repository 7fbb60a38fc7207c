"""rclone of PyPI, which is the AWS SDK for Go, version 2."""

import pathlib
import subprocess
import sys

NAME = "rclone of PyPI"
FACES = ["container", "imds"]


def connect(task):
    # Debian's has the same name.
    program = pathlib.Path(sys.executable).with_name("rclone")
    place = f":s3,provider=Other,env_auth=true,region=us-east-1,endpoint='{task.endpoint}':{task.bucket}"
    command = [program, "--config", "", "lsf", place]
    return lambda: subprocess.run(command, check=True, timeout=50)
