"""Signature Version 4 as a service verifies it: who signed a request, and whether with the right secret."""

import hashlib
import hmac
import io
import re
import urllib.parse

AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/]+)/([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=(\w+)")
# Where the WSGI environment has the headers as they came.
HEADERS = "sdk_matrix.headers"


class Signed:
    """A signed request, of its WSGI environment."""

    def __init__(self, environ):
        self._environ = environ
        match = AUTHORIZATION.fullmatch(environ.get("HTTP_AUTHORIZATION", ""))
        if not match:
            raise ValueError("the request carries no signature")
        self.key, self._scope, self._headers, self._signature = match.groups()
        self.token = environ.get("HTTP_X_AMZ_SECURITY_TOKEN")

    def is_signed_with(self, secret):
        key = ("AWS4" + secret).encode()
        for part in self._scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, self._string_to_sign().encode(), "sha256").hex()
        return hmac.compare_digest(signature, self._signature)

    def _string_to_sign(self):
        canonical = hashlib.sha256(self._canonical_request().encode()).hexdigest()
        return "\n".join(["AWS4-HMAC-SHA256", self._environ["HTTP_X_AMZ_DATE"], self._scope, canonical])

    def _canonical_request(self):
        path, _, query = self._environ["RAW_URI"].partition("?")
        names = self._headers.split(";")
        headers = "".join(f"{name}:{self._header(name)}\n" for name in names)
        method = self._environ["REQUEST_METHOD"]
        return "\n".join([method, path, canonical_query(query), headers, self._headers, self._payload_hash()])

    def _header(self, name):
        return ",".join(" ".join(value.split()) for value in self._environ[HEADERS].get_all(name, []))

    def _payload_hash(self):
        """As S3's clients declare it, or of the body, which is put back to be read again."""
        declared = self._environ.get("HTTP_X_AMZ_CONTENT_SHA256")
        if declared:
            return declared
        body = self._environ["wsgi.input"].read(int(self._environ.get("CONTENT_LENGTH") or 0))
        self._environ["wsgi.input"] = io.BytesIO(body)
        return hashlib.sha256(body).hexdigest()


def canonical_query(query):
    pairs = urllib.parse.parse_qsl(query.replace("+", "%2B"), keep_blank_values=True)
    encoded = [[urllib.parse.quote(part, safe="-_.~") for part in pair] for pair in pairs]
    return "&".join("=".join(pair) for pair in sorted(encoded))
