"""What the stand-ins for stsbrokerd share: the check of its configuration, and its control socket."""

import base64
import http.server
import json
import os
import socketserver
import sys

import yaml


def checked_configuration():
    assert sys.argv[1] == "--config", sys.argv
    configuration = yaml.safe_load(open(sys.argv[2]))
    assert configuration["identity_provider"]["client_id"] == "stsbroker", configuration
    assert [r["name"] for r in configuration["roles"]] == ["developer", "readonly", "admin"], configuration
    assert configuration["callers"][0]["user"] == str(os.getuid()), configuration
    assert "AWS_SECRET_ACCESS_KEY" not in os.environ
    return configuration


def status_of(configuration):
    return {"version": "0", "broker_url": configuration["broker"]["url"],
            "provider": {"issuer": "i", "scopes": [], "client_id": "c"}, "sign_in": {"state": "sign_in_required"},
            "listeners": [{"name": "imds", "face": "imds", "address": "127.0.0.1:40001"},
                          {"name": "containers", "face": "container", "address": "127.0.0.1:40002",
                           "token_file": "/nowhere/token"},
                          {"name": "containers-unix", "face": "container", "address": "/nowhere/containers.sock"}],
            "roles": []}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def address_string(self):
        return "unix"

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        body = json.dumps(status_of(self.server.configuration)).encode()
        self.answer(200 if self.path == "/v1/status" else 404, body)

    def do_PUT(self):
        sign_in = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        issuer = self.server.configuration["identity_provider"]["issuer"]
        assert sign_in["issuer"] == issuer and sign_in["refresh_token"], sign_in
        payload = sign_in["id_token"].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        print("signed in:", claims["cognito:username"], flush=True)
        self.answer(204, b"")


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


def serve(configuration):
    server = Server(configuration["control_socket"], Handler)
    server.configuration = configuration
    server.serve_forever()
