"""A broker of its own tells approvers and requesters: by mail over STARTTLS, a signed webhook, and Slack, which is down at first and
comes back after the broker was killed. Wants the sandbox's `env`. Ends at the first surprise."""

import base64
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import pathlib
import ssl
import tempfile
import threading

import aiosmtpd.controller
import aiosmtpd.smtp
import trustme
from own_broker import OwnBroker, awaited, free_port

KEY = "whsec-of-a-test"
REASON = "<!channel> please\nBcc: everybody@example.com"


class Mailbox:
    """A submission server that wants STARTTLS and a password."""

    def __init__(self, folder):
        authority = trustme.CA()
        authority.cert_pem.write_to_path(folder / "ca.pem")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        self.mails, self.port = [], free_port()
        self.controller = aiosmtpd.controller.Controller(
            self, hostname="127.0.0.1", port=self.port, tls_context=context, require_starttls=True, auth_required=True,
            authenticator=lambda server, session, envelope, mechanism, data: aiosmtpd.smtp.AuthResult(
                success=(data.login, data.password) == (b"broker", b"mail-secret")))
        self.controller.start()

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default)))
        return "250 taken"

    def about(self, recipient, subject):
        return [mail for to, mail in self.mails if to == [recipient] and mail["Subject"] == subject]


class Hook:
    """Takes what is posted. `statuses` are its first answers."""

    def __init__(self, port, statuses=()):
        self.calls, answers = [], list(statuses)
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.calls.append((dict(self.headers), body))
                self.send_response(answers.pop(0) if answers else 200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def secret(folder, name, text):
    (folder / name).write_text(text + "\n")
    (folder / name).chmod(0o600)
    return name


def own_broker(folder, ports):
    mail = {
        "server": f"127.0.0.1:{ports['mail']}", "ca_file": "ca.pem", "user": "broker",
        "password_file": secret(folder, "password", "mail-secret"), "from": "stsbroker@example.com"}
    targets = [
        {"name": "slack", "slack": {"url_file": secret(folder, "slack", f"http://127.0.0.1:{ports['slack']}/T0/secret")}},
        {"name": "siem", "webhook": {"url": f"http://127.0.0.1:{ports['hook']}/", "key_file": secret(folder, "key", KEY)}},
        {"name": "security", "smtp": mail | {"to": ["security@example.com"]}},
        {"name": "people", "smtp": mail}]

    def tell_approvers(policy):
        if "approval" in policy:
            policy["approval"]["notify"] = ["slack", "siem", "security"]

    return OwnBroker(folder, {"notifications": {"targets": targets, "requesters": {"email": "people"}}}, tell_approvers)


def check_webhook(hook):
    awaited(lambda: len(hook.calls) == 2, "posted again after a 503")
    assert hook.calls[0][0]["webhook-id"] == hook.calls[1][0]["webhook-id"] == hook.calls[0][0]["Idempotency-Key"]
    headers, body = hook.calls[1]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(KEY.encode(), signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}", headers
    event = json.loads(body)
    assert event["type"] == "request.approval_needed" and event["data"]["reason"] == REASON, event


def main(folder):
    mailbox, ports = Mailbox(folder), {"slack": free_port(), "hook": free_port()}
    ports["mail"] = mailbox.port
    hook = Hook(ports["hook"], statuses=[503])
    broker = own_broker(folder, ports)

    status, request = broker.call("POST", "/v1/requests", "developer", {"policy": "admin", "reason": REASON})
    assert status == 201, (status, request)
    [mail] = awaited(lambda: mailbox.about("security@example.com", "developer asks for admin"), "mailed")
    text = mail.get_content()
    assert f"stsbroker approve {request['request_id']}" in text and mail["Bcc"] is None, mail.as_string()
    assert "Reason: <!channel> please Bcc: everybody@example.com" in text.splitlines(), text
    check_webhook(hook)

    broker.kill()
    slack = Hook(ports["slack"])
    broker.start()
    awaited(lambda: slack.calls, "delivered to Slack after kill -9")
    assert "&lt;!channel&gt; please" in json.loads(slack.calls[0][1])["text"], slack.calls

    status, refused = broker.call("POST", "/v1/requests", "developer", {"policy": "admin", "channel": "slack"})
    assert (status, refused["code"]) == (422, "notification_target_missing"), refused
    decision = {"decision": "deny", "content_hash": request["content_hash"], "comment": "not today"}
    status, denied = broker.call("POST", f"/v1/requests/{request['request_id']}/decision", "approver", decision)
    assert status == 200, denied
    for recipient in ("developer@example.com", "security@example.com"):
        [mail] = awaited(lambda: mailbox.about(recipient, "admin is denied to developer by approver"), recipient)
        assert "Comment: not today" in mail.get_content(), mail.as_string()
    broker.process.terminate()
    assert broker.process.wait(timeout=90) == 0
    log = broker.log.read_text()
    assert "notice not delivered" in log and "secret" not in log and KEY not in log, log


with tempfile.TemporaryDirectory() as scratch:
    main(pathlib.Path(scratch))
