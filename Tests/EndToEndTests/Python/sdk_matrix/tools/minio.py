"""MinIO's client for Python."""

NAME = "minio-py"
FACES = ["container", "imds"]


def connect(task):
    import minio
    from minio.credentials import IamAwsProvider

    imds = task.imds.rstrip("/") if task.face == "imds" else None
    provider = IamAwsProvider(custom_endpoint=imds)
    client = minio.Minio(task.address, credentials=provider, secure=False, region="us-east-1")
    return lambda: client.stat_object(task.bucket, "pixel.pgm")
