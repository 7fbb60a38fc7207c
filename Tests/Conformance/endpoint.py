"""What is under test, and how its cases ask."""

import json
import re
import urllib.parse

from http11 import Connection

# RFC 3339 in UTC with whole seconds: botocore and others parse with exactly this form.
DATE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
# RFC 9110: IMF-fixdate.
HTTP_DATE = re.compile(r"^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$")
# So many characters has what is random in 256 bits, in base64.
SAFE_LENGTH = 43


class Skipped(Exception):
    """Why a case can't be put to this endpoint."""


class Endpoint:
    def __init__(self, url, role, authorization=None):
        parts = urllib.parse.urlsplit(url)
        self.host, self.port = parts.hostname, parts.port or 80
        self.role = role
        self.authorization = authorization
        # How long each answer took, and to what.
        self.times = []

    def connection(self):
        return Connection(self.host, self.port, self.times)

    def ask(self, method, target, headers=(), body=b"", host=None, over=None):
        """One request, on a connection of its own or `over` another, with a `Host` unless `headers` has one or `host` is empty."""
        names = {name.lower() for name, _ in headers}
        default = [] if "host" in names or host == "" else [("Host", host or f"{self.host}:{self.port}")]
        if over:
            return over.ask(method, target, default + list(headers), body)
        with self.connection() as connection:
            return connection.ask(method, target, default + list(headers), body)

    def get(self, target, headers=(), method="GET", over=None):
        """Asks with everything that it takes."""
        return self.ask(method, target, self.proof() + list(headers), over=over)

    def credentials(self):
        return keys(self.get(self.secret))

    def fields(self):
        """The header fields of a good request."""
        return [("Host", f"{self.host}:{self.port}")] + self.proof()

    def proof(self):
        """The header fields that show the right to ask."""
        raise NotImplementedError

    @property
    def secret(self):
        """The path of the role's credentials."""
        raise NotImplementedError

    def doors(self):
        """Method, path and header fields of each good request that gets a secret."""
        return [("GET", self.secret, self.proof())]

    def check_refusal(self, answer, *statuses):
        """One of these statuses or, if there are none, any of 4xx; and says why."""
        check(answer.status in statuses if statuses else 400 <= answer.status < 500, answer)
        self.check_reason(answer)

    def check_reason(self, answer):
        raise NotImplementedError


class Imds(Endpoint):
    TOKEN = "/latest/api/token"
    TTL = "X-aws-ec2-metadata-token-ttl-seconds"
    HEADER = "X-aws-ec2-metadata-token"
    CREDENTIALS = "/latest/meta-data/iam/security-credentials/"
    EXTENDED = "/latest/meta-data/iam/security-credentials-extended/"

    def token(self, seconds=21600):
        answer = self.ask("PUT", self.TOKEN, [(self.TTL, str(seconds))])
        assert answer.status == 200, f"no token: {answer.status}"
        return answer.text

    def proof(self):
        return [(self.HEADER, self.token())]

    @property
    def secret(self):
        return self.CREDENTIALS + self.role

    def doors(self):
        return super().doors() + [("PUT", self.TOKEN, [(self.TTL, "60")])]

    def check_reason(self, answer):
        """Some clients ask again and again when they get an empty body."""
        check(answer.text.strip(), answer)


class Container(Endpoint):
    def proof(self):
        return [("Authorization", self.authorization)]

    @property
    def secret(self):
        return f"/role/{self.role}"

    def check_reason(self, answer):
        """SDKs print this body to people."""
        check(answer.header("Content-Type").startswith("application/json"), answer)
        body = json.loads(answer.text)
        assert body["code"] and body["message"] and "\n" not in body["message"], body


def altered(token):
    """What is like the token but for a little."""
    middle = len(token) // 2
    other = "B" if token[middle] == "A" else "A"
    return [token[:-1], token + "A", token[:middle] + other + token[middle + 1:], "nonsense", ""]


def keys(answer):
    """The JSON object's members in their order."""
    return json.loads(answer.text, object_pairs_hook=lambda pairs: dict(pairs))


def check(condition, answer):
    """Fails with what came, without its body: that may hold secrets."""
    assert condition, f"status {answer.status}, headers {answer.headers}, {len(answer.body)} bytes"
