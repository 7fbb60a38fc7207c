"""Stands in for stsbroker-server: checks its configuration, then answers GET /healthz on the Unix socket."""

import http.server
import os
import socketserver
import sys

import yaml

assert sys.argv[1] == "--config", sys.argv
configuration = yaml.safe_load(open(sys.argv[2]))
assert set(configuration) == {"listen", "database", "policies", "auditors", "aws", "issuers", "web"}, configuration
assert configuration["aws"]["region"] == "us-east-1", configuration
issuer = configuration["issuers"][0]
assert issuer["claims"] == {"user": "cognito:username", "teams": "custom:teams"}, issuer
policies = yaml.safe_load(open(configuration["policies"]))
assert [p["id"] for p in policies["policies"]] == ["developer", "readonly", "admin"], policies
assert policies["policies"][0]["account"] == "111122223333", policies
assert policies["policies"][0]["default_tags"] == [{"project": "sandbox"}], policies
teams = {team["id"]: team["policies"] for team in policies["teams"]}
assert teams["developers"] == ["developer", "readonly", "admin"], policies
assert teams["security"] == teams["operators"] == ["readonly"], policies
assert os.environ["AWS_ACCESS_KEY_ID"].startswith("AKIA") and len(os.environ["AWS_SECRET_ACCESS_KEY"]) == 40
print("configuration is good", flush=True)


class Handler(http.server.BaseHTTPRequestHandler):
    def address_string(self):
        return "unix"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


Server(configuration["listen"]["unix"], Handler).serve_forever()
