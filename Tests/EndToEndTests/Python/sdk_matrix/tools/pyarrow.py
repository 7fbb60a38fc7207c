"""Apache Arrow's S3 filesystem, which is the AWS SDK for C++."""

FACES = ["container", "imds"]
# The SDK asks the instance metadata service again five minutes later, whatever the expiration.
CLOCK_SKIPS = {"imds": 400}


def connect(task):
    from pyarrow import fs

    files = fs.S3FileSystem(endpoint_override=task.address, scheme="http")
    return lambda: files.get_file_info(f"{task.bucket}/pixel.pgm").size
