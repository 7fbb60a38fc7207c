"""obstore, which is Rust's object_store, as Polars and DataFusion have it too."""

NAME = "obstore"
FACES = ["container", "imds"]


def environment(task):
    return {"AWS_METADATA_ENDPOINT": task.imds} if task.face == "imds" else {}


def connect(task):
    import obstore
    from obstore.store import S3Store

    options = {"allow_http": True}
    store = S3Store(task.bucket, endpoint=task.endpoint, client_options=options)
    return lambda: obstore.head(store, "pixel.pgm")
