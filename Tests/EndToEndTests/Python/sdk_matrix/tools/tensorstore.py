"""TensorStore: C++, with the AWS Common Runtime."""

NAME = "TensorStore"
FACES = ["container", "imds"]


def connect(task):
    import tensorstore

    place = {"driver": "s3", "bucket": task.bucket, "endpoint": task.endpoint, "aws_region": "us-east-1"}
    store = tensorstore.KvStore.open(place).result()
    return lambda: store.read("pixel.pgm").result()
