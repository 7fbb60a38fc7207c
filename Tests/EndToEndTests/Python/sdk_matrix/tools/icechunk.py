"""Icechunk, which is the AWS SDK for Rust."""

NAME = "Icechunk"
FACES = ["container", "imds"]


def connect(task):
    import icechunk

    storage = icechunk.s3_storage(
        bucket=task.bucket, prefix="repository", region="us-east-1", endpoint_url=task.endpoint, allow_http=True,
        force_path_style=True, from_env=True,
    )
    repository = icechunk.Repository.create(storage)
    return repository.list_branches
