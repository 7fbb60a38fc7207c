"""Apache OpenDAL, which is reqsign: Rust."""

NAME = "OpenDAL"
FACES = ["container", "imds"]


def connect(task):
    import opendal

    operator = opendal.Operator("s3", bucket=task.bucket, endpoint=task.endpoint, region="us-east-1")
    return lambda: operator.stat("pixel.pgm")
