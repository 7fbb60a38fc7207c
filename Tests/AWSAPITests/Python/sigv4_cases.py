"""Makes requests by seed and has botocore sign them at frozen times. In: {"seed", "count"}. Out: the requests, each
with the headers that botocore added."""

import base64
import datetime
import json
import random
import sys
from urllib.parse import quote

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ORDER = json.load(sys.stdin)
RANDOM = random.Random(ORDER["seed"])

WORDS = ["a", "Zz9", "foo bar", "päth", "日本", "🙂", "a+b", "x~y", "50%", "k=v", "q?m", "h#m", "s;m", "!$&'()*,:@", "-_.", ""]
SEGMENTS = ["", ".", "..", "...", "a", "b%20c", "d%2Fe", "%E2%82%AC", "é", "日本", "~x", "a+b", "a:b@c", "!$&'()*,;=", "%25", "A-_.Z"]
HEADERS = ["X-Amz-Target", "Content-Type", "x-foo", "X-Foo", "X-fOO", "Accept", "X-Amz-Meta-Ünused"[:10], "User-Agent", "Connection", "Z-Last"]
VALUES = ["plain", "  both ends  ", "many   inner\t blanks", "", "quoted \"a  b\"", "ünï  cödé", "1,2", "\ttab"]
METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "get", "Post"]
HOSTS = ["example.amazonaws.com", "sts.eu-central-1.amazonaws.com", "127.0.0.1:4566", "[::1]:8080", "UPPER.example.com:8443"]
SERVICES = ["sts", "sts", "iam", "dynamodb", "execute-api", "s3"]
REGIONS = ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"]


def path(service):
    if RANDOM.random() < 0.15:
        # An empty path goes out as "/"; botocore's S3 signer, asked before its URL is prepared, would sign it empty.
        return "/" if service == "s3" else RANDOM.choice(["", "/"])
    parts = [RANDOM.choice(SEGMENTS) for _ in range(RANDOM.randrange(1, 6))]
    if service == "s3":
        parts = [quote(part, safe="%~-_.") for part in parts]
    return "/" + "/".join(parts)


def query():
    count = RANDOM.choice([0, 0, 1, 2, 3, 5])
    pairs = [(RANDOM.choice(WORDS), RANDOM.choice(WORDS)) for _ in range(count)]
    if pairs and RANDOM.random() < 0.3:
        pairs.append((pairs[0][0], RANDOM.choice(WORDS)))
    return pairs


def body():
    kind = RANDOM.random()
    if kind < 0.3:
        return b""
    if kind < 0.6:
        return RANDOM.choice(["Action=X&Version=1", "{\"a\": \"ü\"}", "🙂" * 50]).encode()
    return RANDOM.randbytes(RANDOM.randrange(1, 300))


def case():
    service, region = RANDOM.choice(SERVICES), RANDOM.choice(REGIONS)
    token = RANDOM.choice([None, "FwoGZXIvYXdzEJr//////////wEaD+token=="])
    secret = base64.b64encode(RANDOM.randbytes(30)).decode()
    made = {
        "service": service, "region": region, "secret": secret, "token": token,
        "time": RANDOM.randrange(0, 4_000_000_000), "method": RANDOM.choice(METHODS), "host": RANDOM.choice(HOSTS),
        "path": path(service), "query": query(),
        "headers": [[RANDOM.choice(HEADERS), RANDOM.choice(VALUES)] for _ in range(RANDOM.randrange(0, 6))],
    }
    payload = body()
    made["body"] = base64.b64encode(payload).decode()
    signed = sign(made, payload)
    made["authorization"] = signed["Authorization"]
    made["date"] = signed["X-Amz-Date"]
    return made


def sign(made, payload):
    moment = datetime.datetime.fromtimestamp(made["time"], datetime.timezone.utc)
    botocore.auth.get_current_datetime = lambda *_, **__: moment
    request = AWSRequest(method=made["method"], url=f"https://{made['host']}{made['path']}", data=payload, params=made["query"])
    for name, value in made["headers"]:
        request.headers[name] = value
    signer = botocore.auth.S3SigV4Auth if made["service"] == "s3" else botocore.auth.SigV4Auth
    signer(Credentials("AKIDEXAMPLE", made["secret"], made["token"]), made["service"], made["region"]).add_auth(request)
    return request.headers


json.dump([case() for _ in range(ORDER["count"])], sys.stdout)
