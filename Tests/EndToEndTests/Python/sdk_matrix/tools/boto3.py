"""boto3, which is botocore: Python."""

NAME = "boto3"
FACES = ["container", "imds"]
# botocore takes what the instance metadata service says for good for ten minutes more at least.
CLOCKS = {"imds": ("+0s", "+1500s")}


def connect(task):
    import boto3

    client = boto3.client("s3", endpoint_url=task.endpoint)
    return lambda: client.head_object(Bucket=task.bucket, Key="pixel.pgm")
