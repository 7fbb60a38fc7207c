"""Verifies a JWT with the keys of a JWK set by a library that shares no code with us. In: {"token", "keys"}. Out: its header and
claims."""

import json
import sys

import joserfc.jwk
import joserfc.jwt

question = json.load(sys.stdin)
keys = joserfc.jwk.KeySet.import_key_set({"keys": question["keys"]})
for key in keys:
    assert key.kid == key.thumbprint(), key.kid
token = joserfc.jwt.decode(question["token"], keys, algorithms=["RS256"])
json.dump({"header": token.header, "claims": token.claims}, sys.stdout)
