"""The AWS SDK for Ruby, of Debian."""

import pathlib
import subprocess

NAME = "AWS SDK for Ruby"
FACES = ["imds"]


def connect(task):
    script = pathlib.Path(__file__).with_suffix(".rb")
    client = subprocess.Popen(["ruby", script, task.endpoint], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def use():
        print("use", file=client.stdin, flush=True)
        if client.stdout.readline() != "used\n":
            raise RuntimeError("the Ruby client ended")

    return use
