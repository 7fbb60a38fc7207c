"""s3fs, which is aiobotocore: Python, with fetching of its own beside botocore's."""

NAME = "s3fs"
FACES = ["container", "imds"]
# As for boto3.
CLOCKS = {"imds": ("+0s", "+1500s")}


def connect(task):
    import s3fs

    files = s3fs.S3FileSystem(endpoint_url=task.endpoint)
    return lambda: files.ls(task.bucket, refresh=True)
