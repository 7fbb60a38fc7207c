"""Tokens as the broker signs them, made with its own key, for what its tokens must not be able to say."""

import json

import joserfc.jwk
import joserfc.jwt
import sandbox_control


class Issuer:
    def __init__(self, url, state):
        stored = json.loads((state / "broker.sqlite.signing-keys").read_text())["keys"]
        self.key = joserfc.jwk.RSAKey.import_key(stored[0]["pem"])
        self.stranger = joserfc.jwk.RSAKey.generate_key(2048)
        with sandbox_control.OPENER.open(f"{url}/.well-known/openid-configuration") as answer:
            discovery = json.load(answer)
        assert discovery["issuer"] == url, discovery
        with sandbox_control.OPENER.open(discovery["jwks_uri"]) as answer:
            [published] = json.load(answer)["keys"]
        assert "d" not in published and published["n"] == self.key.as_dict(private=False)["n"], published
        # RFC 7638: the name of a key is its thumbprint.
        assert published["kid"] == self.key.thumbprint(), published
        self.kid = published["kid"]

    def token(self, claims, foreign=False):
        header = {"alg": "RS256", "kid": self.kid, "typ": "JWT"}
        return joserfc.jwt.encode(header, claims, self.stranger if foreign else self.key)
