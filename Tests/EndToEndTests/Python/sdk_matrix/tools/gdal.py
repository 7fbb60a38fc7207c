"""GDAL's /vsis3/, as rasterio brings it: C++ with signing and fetching of its own."""

NAME = "GDAL"
FACES = ["container", "imds"]


def environment(task):
    return {
        "AWS_S3_ENDPOINT": task.address,
        "AWS_HTTPS": "NO",
        "AWS_VIRTUAL_HOSTING": "FALSE",
        "CPL_VSIL_CURL_NON_CACHED": f"/vsis3/{task.bucket}",
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        **(instance_metadata(task) if task.face == "imds" else {}),
    }


def instance_metadata(task):
    """Without the last it looks first whether the machine is one of EC2's."""
    return {"CPL_AWS_EC2_API_ROOT_URL": task.imds.rstrip("/"), "CPL_AWS_AUTODETECT_EC2": "NO"}


def connect(task):
    import rasterio
    from rasterio.session import DummySession

    def use():
        with rasterio.Env(session=DummySession()), rasterio.open(f"/vsis3/{task.bucket}/pixel.pgm") as image:
            assert image.width == 1

    return use
