"""google-auth's workload identity federation from AWS: Python. What it would hand to Google, a signed GetCallerIdentity for
Google to send, is sent to the service here."""

import json
import urllib.parse
import urllib.request

NAME = "google-auth"
FACES = ["imds"]
QUERY = "?Action=GetCallerIdentity&Version=2011-06-15"


def connect(task):
    import google.auth.aws
    import google.auth.transport.requests

    roles = task.imds + "latest/meta-data/iam/security-credentials"
    source = {
        "environment_id": "aws1",
        "region_url": task.imds + "latest/meta-data/placement/availability-zone",
        "url": roles,
        "imdsv2_session_token_url": task.imds + "latest/api/token",
        "regional_cred_verification_url": "https://sts.{region}.amazonaws.com" + QUERY,
    }
    credentials = google.auth.aws.Credentials(
        "audience", "urn:ietf:params:aws:token-type:aws4_request", "https://sts.googleapis.com/v1/token", source
    )
    transport = google.auth.transport.requests.Request()
    return lambda: send(task, credentials.retrieve_subject_token(transport))


def send(task, subject_token):
    signed = json.loads(urllib.parse.unquote(subject_token))
    headers = {header["key"]: header["value"] for header in signed["headers"]}
    request = urllib.request.Request(task.endpoint + "/" + QUERY, headers=headers, method=signed["method"])
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30).read()
