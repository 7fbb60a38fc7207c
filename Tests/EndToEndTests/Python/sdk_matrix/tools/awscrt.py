"""The AWS Common Runtime: C. Signs here, sends with Python."""

import urllib.request

NAME = "AWS CRT"
FACES = ["container", "imds"]


def connect(task):
    from awscrt import auth

    provider = auth.AwsCredentialsProvider.new_default_chain()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return lambda: opener.open(signed(task, provider), timeout=30).read()


def signed(task, provider):
    from awscrt import auth, http

    path = f"/{task.bucket}/pixel.pgm"
    request = http.HttpRequest("GET", path, http.HttpHeaders([("Host", task.address)]))
    configuration = auth.AwsSigningConfig(
        algorithm=auth.AwsSigningAlgorithm.V4,
        signature_type=auth.AwsSignatureType.HTTP_REQUEST_HEADERS,
        credentials_provider=provider,
        region="us-east-1",
        service="s3",
        use_double_uri_encode=False,
        signed_body_header_type=auth.AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256,
    )
    auth.aws_sign_request(request, configuration).result(30)
    return urllib.request.Request(task.endpoint + path, headers=dict(request.headers))
