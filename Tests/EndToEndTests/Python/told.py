"""Those who are told: a mail server that wants STARTTLS and a password, and whatever takes what is posted."""

import email
import email.policy
import http.server
import ssl
import threading

import aiosmtpd.controller
import aiosmtpd.smtp
import trustme
from own_broker import free_port


class Mailbox:
    """A submission server that wants STARTTLS and a password. `refusals` has, by recipient, its first answers to RCPT; `without` has the
    ways to log in, of PLAIN and LOGIN, that it doesn't offer."""

    def __init__(self, folder, refusals=None, without=(), ca_file="ca.pem"):
        authority = trustme.CA()
        authority.cert_pem.write_to_path(folder / ca_file)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        self.mails, self.port, self.refusals, self.mechanisms = [], free_port(), refusals or {}, set()
        self.controller = aiosmtpd.controller.Controller(
            self, hostname="127.0.0.1", port=self.port, tls_context=context, require_starttls=True, auth_required=True,
            auth_exclude_mechanism=without, authenticator=self.verdict)
        self.controller.start()

    def verdict(self, server, session, envelope, mechanism, data):
        self.mechanisms.add(mechanism)
        return aiosmtpd.smtp.AuthResult(success=(data.login, data.password) == (b"broker", b"mail-secret"))

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.refusals.get(address):
            return self.refusals[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 ok"

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


def mail_server(folder, port, ca_file="ca.pem"):
    """How a broker is told of the mailbox."""
    return {
        "server": f"127.0.0.1:{port}", "ca_file": ca_file, "user": "broker",
        "password_file": secret(folder, "password", "mail-secret"), "from": "stsbroker@example.com"}
