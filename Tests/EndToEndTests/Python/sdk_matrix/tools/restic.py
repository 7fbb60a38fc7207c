"""restic of Debian, which is MinIO's client for Go."""

import subprocess

NAME = "restic"
FACES = ["container"]


def environment(task):
    return {"RESTIC_PASSWORD": "sandbox", **task.token_variable()}


def connect(task):
    command = ["restic", "--no-cache", "--repo", f"s3:{task.endpoint}/{task.bucket}/backup"]
    subprocess.run([*command, "init"], check=True, timeout=50)
    return lambda: subprocess.run([*command, "snapshots"], check=True, timeout=50)
