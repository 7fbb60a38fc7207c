"""The sandbox's control endpoint."""

import http.client
import json
import os
import socket
import urllib.request

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(method, path, body=None):
    """Returns the JSON of the answer, or None."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(os.environ["STSBROKER_SANDBOX_URL"] + path, data, method=method)
    request.add_header("Content-Type", "application/json")
    with OPENER.open(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def broker_calls():
    """How often credentials were asked of the broker since the counters were reset."""
    return call("GET", "/counters")["broker"].get("POST /v1/credentials", 0)


def sign_in(control_socket, provider, user="developer", wish=None, **more):
    """Signs the calling user in at the daemon with that control socket, as that user of the sandbox's identity provider. `wish` is what
    the ID token should be like, and `more` is told the daemon beside the tokens."""
    tokens = call("POST", "/tokens", {"user": user, **(wish or {})})
    names = {"id_token": tokens["id_token"], "refresh_token": tokens["refresh_token"]}
    body = {"issuer": provider, "client_id": "stsbroker", **names, **more}
    connection = http.client.HTTPConnection("localhost", timeout=20)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(control_socket))
    connection.request("PUT", "/v1/sign-in", json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    assert answer.status == 204, (answer.status, answer.read())
    connection.close()
