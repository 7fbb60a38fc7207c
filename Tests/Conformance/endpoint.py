"""What is under test, and how its cases ask."""

import json
import re
import urllib.parse

from http11 import Connection

# RFC 3339 in UTC with whole seconds: botocore and others parse with exactly this form.
DATE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")


class Endpoint:
    def __init__(self, url, role, authorization=None):
        parts = urllib.parse.urlsplit(url)
        self.host, self.port = parts.hostname, parts.port or 80
        self.role = role
        self.authorization = authorization

    def connection(self):
        return Connection(self.host, self.port)

    def ask(self, method, target, headers=(), body=b"", host=None):
        """One request on a connection of its own, with a `Host` unless `headers` has one or `host` is empty."""
        names = {name.lower() for name, _ in headers}
        default = [] if "host" in names or host == "" else [("Host", host or f"{self.host}:{self.port}")]
        with self.connection() as connection:
            return connection.ask(method, target, default + list(headers), body)

    def proof(self):
        """The header fields that show the right to ask."""
        raise NotImplementedError

    def get(self, target, headers=(), method="GET"):
        """Asks with everything that it takes."""
        return self.ask(method, target, self.proof() + list(headers))


class Imds(Endpoint):
    TOKEN = "/latest/api/token"
    TTL = "X-aws-ec2-metadata-token-ttl-seconds"
    HEADER = "X-aws-ec2-metadata-token"
    CREDENTIALS = "/latest/meta-data/iam/security-credentials/"

    def token(self, seconds=21600):
        answer = self.ask("PUT", self.TOKEN, [(self.TTL, str(seconds))])
        assert answer.status == 200, f"no token: {answer.status} {answer.text}"
        return answer.text

    def proof(self):
        return [(self.HEADER, self.token())]


class Container(Endpoint):
    def proof(self):
        return [("Authorization", self.authorization)]


def keys(answer):
    """The JSON object's members in their order."""
    return json.loads(answer.text, object_pairs_hook=lambda pairs: dict(pairs))


def check(condition, answer):
    """Fails with what came, without its body: that may hold secrets."""
    assert condition, f"status {answer.status}, headers {answer.headers}, {len(answer.body)} bytes"
