"""delta-rs: Rust's object_store, with the AWS SDK for Rust beside."""

NAME = "delta-rs"
FACES = ["container", "imds"]


def environment(task):
    return {"AWS_METADATA_ENDPOINT": task.imds} if task.face == "imds" else {}


def connect(task):
    import deltalake
    import pyarrow

    options = {"AWS_ENDPOINT_URL": task.endpoint, "AWS_ALLOW_HTTP": "true"}
    url = f"s3://{task.bucket}/table"
    deltalake.write_deltalake(url, pyarrow.table({"number": [1]}), storage_options=options)
    table = deltalake.DeltaTable(url, storage_options=options)
    return table.update_incremental
