"""s3fs, which is aiobotocore: Python, with fetching of its own beside botocore's."""

FACES = ["container", "imds"]
# As for boto3.
CLOCK_SKIPS = {"imds": 1500}


def connect(task):
    import s3fs

    files = s3fs.S3FileSystem(endpoint_url=task.endpoint)
    return lambda: files.ls(task.bucket, refresh=True)
