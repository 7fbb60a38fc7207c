"""Signs requests with botocore, damages some, and prints what STS made of each: [{name, expected, actual}]."""

import datetime
import http.client
import json
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ENDPOINT, KEY_ID, SECRET, OLD_ID, OLD_SECRET, OLD_TOKEN = sys.argv[1:7]
# The server's clock, which stands still: seconds since 1970.
NOW = datetime.datetime.fromtimestamp(float(sys.argv[7]), datetime.timezone.utc).replace(tzinfo=None)
HOST = urllib.parse.urlsplit(ENDPOINT).netloc
USER = Credentials(KEY_ID, SECRET)
IDENTITY = {"Action": "GetCallerIdentity", "Version": "2011-06-15"}
FORM = "application/x-www-form-urlencoded; charset=utf-8"
NAMESPACE = "{https://sts.amazonaws.com/doc/2011-06-15/}"
verdicts = []


class Clock:
    """Makes so many minutes after the server's time botocore's now."""

    def __init__(self, minutes):
        self.now = NOW + datetime.timedelta(minutes=minutes)

    def __enter__(self):
        self.original = botocore.auth.get_current_datetime
        botocore.auth.get_current_datetime = lambda: self.now

    def __exit__(self, *_):
        botocore.auth.get_current_datetime = self.original


def signed(credentials=USER, method="POST", path="/", fields=None, headers=None, region="us-east-1", service="sts",
           minutes=0, body=None):
    fields = IDENTITY if fields is None else fields
    url, data = ENDPOINT + path, ""
    if method == "POST":
        data = urllib.parse.urlencode(fields) if body is None else body
    else:
        url += "?" + urllib.parse.urlencode(fields, quote_via=urllib.parse.quote)
    given = {"Host": HOST, **(headers or {})}
    if method == "POST":
        given["Content-Type"] = FORM
    request = AWSRequest(method=method, url=url, data=data, headers=given)
    with Clock(minutes):
        botocore.auth.SigV4Auth(credentials, service, region).add_auth(request)
    return request


def presigned(credentials=USER, expires=60, minutes=0):
    url = ENDPOINT + "/?" + urllib.parse.urlencode(IDENTITY)
    request = AWSRequest(method="GET", url=url, headers={"Host": HOST})
    with Clock(minutes):
        botocore.auth.SigV4QueryAuth(credentials, "sts", "us-east-1", expires=expires).add_auth(request)
    return request


def send(request, body=None):
    parts = urllib.parse.urlsplit(request.url)
    target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
    data = request.data if body is None else body
    data = data.encode() if isinstance(data, str) else data
    connection = http.client.HTTPConnection(HOST, timeout=20)
    connection.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in request.headers.items():
        if name.lower() != "content-length":
            connection.putheader(name, value)
    if request.method == "POST":
        connection.putheader("Content-Length", str(len(data or b"")))
    connection.endheaders(data or None)
    response = connection.getresponse()
    text = response.read()
    connection.close()
    if response.status == 200:
        return "200"
    return f"{response.status} {ElementTree.fromstring(text).findtext(f'{NAMESPACE}Error/{NAMESPACE}Code')}"


def case(name, expected, request, body=None):
    verdicts.append({"name": name, "expected": expected, "actual": send(request, body)})


def changed(request, header, change):
    value = request.headers[header]
    del request.headers[header]
    request.headers[header] = change(value)
    return request


def without(request, header):
    del request.headers[header]
    return request


def other(character):
    return "0" if character != "0" else "1"


MISMATCH = "403 SignatureDoesNotMatch"
INCOMPLETE = "400 IncompleteSignature"
AUTH = "Authorization"

case("post", "200", signed())
case("get", "200", signed(method="GET"))
case("unicode in a body", "200", signed(fields={**IDENTITY, "Note": "größe 日本 + & = %"}))
case("unicode in a query", "200", signed(method="GET", fields={**IDENTITY, "Note": "größe 日本 + & = % ~"}))
case("query order", "200", signed(method="GET", fields={"b": "2", "a": "1", "a-": "", "B": "3", **IDENTITY}))
case("extra signed header", "200", signed(headers={"X-Amz-Meta-Note": "  two   blanks  "}))
case("empty extra header", "200", signed(headers={"X-Amz-Meta-Note": ""}))
case("clock 14 minutes behind", "200", signed(minutes=-14))
case("clock 14 minutes ahead", "200", signed(minutes=14))
case("clock 16 minutes behind", MISMATCH, signed(minutes=-16))
case("clock 16 minutes ahead", MISMATCH, signed(minutes=16))
case("one byte of the secret", MISMATCH, signed(Credentials(KEY_ID, SECRET[:-1] + other(SECRET[-1]))))
case("body changed", MISMATCH, signed(), body=urllib.parse.urlencode({**IDENTITY, "x": "y"}))
case("one digit of the signature", MISMATCH, changed(signed(), AUTH, lambda v: v[:-1] + other(v[-1])))
case("date changed", MISMATCH, changed(signed(), "X-Amz-Date", lambda v: v[:-2] + other(v[-2]) + "Z"))
case("unsigned x-amz header", MISMATCH, changed(signed(headers={"X-Amz-Meta-A": "1"}), AUTH,
                                                  lambda v: v.replace(";x-amz-meta-a", "")))
case("host not signed", MISMATCH, changed(signed(), AUTH, lambda v: v.replace("host;", "")))
case("signed header missing", MISMATCH, without(signed(headers={"X-Amz-Meta-A": "1"}), "X-Amz-Meta-A"))
case("wrong region", MISMATCH, signed(region="eu-west-1"))
case("wrong service", MISMATCH, signed(service="iam"))
case("scope of another day", MISMATCH, changed(signed(), AUTH, lambda v: v.replace(v.split("/")[1], "20200101")))
case("unknown key", "403 InvalidClientTokenId", signed(Credentials("AKIAAAAAAAAAAAAAAAAA", SECRET)))
case("a token with a long-term key", "403 InvalidClientTokenId", signed(Credentials(KEY_ID, SECRET, "token")))
case("expired session", "403 ExpiredToken", signed(Credentials(OLD_ID, OLD_SECRET, OLD_TOKEN)))
case("session without its token", "403 InvalidClientTokenId", signed(Credentials(OLD_ID, OLD_SECRET)))
case("session with another token", "403 InvalidClientTokenId", signed(Credentials(OLD_ID, OLD_SECRET, OLD_TOKEN[:-4])))
case("no authorization", "403 MissingAuthenticationToken", without(signed(), AUTH))
case("no date", INCOMPLETE, without(signed(), "X-Amz-Date"))
case("no date digits", INCOMPLETE, changed(signed(), "X-Amz-Date", lambda v: v[:9] + "xxxxxxZ"))
case("month 13", INCOMPLETE, changed(changed(signed(), AUTH, lambda v: v.replace(v.split("/")[1], "20261301")),
                                      "X-Amz-Date", lambda v: "20261301T000000Z"))
for name, value in {"empty": "", "basic": "Basic Zm9vOmJhcg==", "old algorithm": "AWS4-HMAC-SHA1 Credential=x",
                    "no parts": "AWS4-HMAC-SHA256", "commas": "AWS4-HMAC-SHA256 ,,,=,=",
                    "short scope": f"AWS4-HMAC-SHA256 Credential={KEY_ID}/a, SignedHeaders=host, Signature=00",
                    "repeated": "AWS4-HMAC-SHA256 Signature=0, Signature=1"}.items():
    case(f"authorization: {name}", INCOMPLETE, changed(signed(), AUTH, lambda _v, value=value: value))
case("presigned", "200", presigned())
case("presigned, good for long", "200", presigned(expires=3600, minutes=-30))
case("presigned, over", "400 RequestExpired", presigned(expires=60, minutes=-2))
case("presigned with another secret", MISMATCH, presigned(Credentials(KEY_ID, SECRET[::-1])))
case("unknown action", "400 InvalidAction", signed(fields={"Action": "DropTables", "Version": "2011-06-15"}))
case("no action", "400 InvalidAction", signed(fields={"Version": "2011-06-15"}))
case("other version", "400 InvalidAction", signed(fields={"Action": "GetCallerIdentity", "Version": "2010-05-08"}))
case("malformed body", "400 MalformedInput", signed(body="Action=%zz"))
case("repeated parameter", "400 MalformedInput", signed(body="Action=GetCallerIdentity&Action=AssumeRole"))
case("other path", "404 UnknownOperationException", signed(path="/a/../b%20c/"))
json.dump(verdicts, sys.stdout)
