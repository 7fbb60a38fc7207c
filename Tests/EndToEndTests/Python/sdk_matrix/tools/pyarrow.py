"""Apache Arrow's S3 filesystem, which is the AWS SDK for C++."""

NAME = "PyArrow"
FACES = ["container", "imds"]
# The SDK asks the instance metadata service every five minutes, whatever the expiration, and does not take credentials that
# are expired by its own clock.
CLOCKS = {"imds": ("-400s", "+0s")}


def connect(task):
    from pyarrow import fs

    files = fs.S3FileSystem(endpoint_override=task.address, scheme="http")
    return lambda: files.get_file_info(f"{task.bucket}/pixel.pgm").size
