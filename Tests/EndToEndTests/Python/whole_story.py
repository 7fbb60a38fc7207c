"""The whole story, with a broker, a daemon and a mail server of its own: a program asks for what needs approval; the approver's mail has a
link to a page, and there they approve; the program's SDK gets credentials with the person's tags, and whoever asked a mail; the
approver revokes, and the SDK is refused. Wants the sandbox's `env`. Ends at the first surprise."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.parse

import sandbox_control
from faults.own_daemon import OwnDaemon
from own_broker import OwnBroker, awaited
from page_browser import PageBrowser
from told import Mailbox, mail_server

SESSION = "arn:aws:sts::111122223333:assumed-role/stsbroker-admin/developer"
IDENTITY = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"


def own_broker(folder, mailbox):
    mail = mail_server(folder, mailbox.port)
    targets = [{"name": "security", "smtp": mail | {"to": ["security@example.com"]}}, {"name": "people", "smtp": mail}]

    def tell_approvers(policy):
        if "approval" in policy:
            policy["approval"]["notify"] = ["security"]

    return OwnBroker(folder, {"notifications": {"targets": targets, "requesters": {"email": "people"}}}, tell_approvers)


def identity(daemon):
    """Who a program with boto3 is; what it says where it is nobody."""
    environment = os.environ | {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{daemon.ports['container']}/role/admin",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(daemon.token_file)}
    result = subprocess.run([sys.executable, "-c", IDENTITY], capture_output=True, text=True, env=environment)
    return result.stdout.strip() if result.returncode == 0 else result.stderr


def admin_sessions():
    return [each for each in sandbox_control.call("GET", "/sessions")["sessions"] if each["arn"] == SESSION]


def told(mailbox, recipient, subject):
    [mail] = awaited(lambda: mailbox.about(recipient, subject), f"told: {subject}")
    return mail.get_content()


def approved(mailbox, approver):
    link = re.search(r"http://\S+/requests/[0-9a-f]{32}", told(mailbox, "security@example.com", "developer asks for admin"))[0]
    action = urllib.parse.urlsplit(link).path
    page = approver.signed_in(approver.open(link), "approver")
    assert "developer asks for admin" in page.text and "costcenter" in page.text, page.text
    done = approver.send(page, f"{action}/decision", {"decision": "approve", "comment": "for the release"})
    assert "You approved it." in done.text, done.text
    return done, f"{action}/revoke"


def main(folder):
    mailbox, approver = Mailbox(folder), PageBrowser()
    broker = own_broker(folder, mailbox)
    try:
        with OwnDaemon(broker.url, {"admin": "admin"}) as daemon:
            daemon.sign_in("developer")
            assert SESSION not in identity(daemon) and not admin_sessions()
            page, revoke = approved(mailbox, approver)
            for recipient in ("developer@example.com", "security@example.com"):
                assert "for the release" in told(mailbox, recipient, "admin is granted to developer by approver")
            awaited(lambda: identity(daemon) == SESSION, "served")
            session = admin_sessions()[-1]
            assert session["tags"] == {"costcenter": "1001", "project": "sandbox"}, session
            assert session["source_identity"] == session["session_name"] == "developer", session
            assert "is revoked" in approver.send(page, revoke, {"comment": "done"}).text
            for recipient in ("developer@example.com", "security@example.com"):
                told(mailbox, recipient, "admin is revoked from developer by approver")
            minted = len(admin_sessions())
            refused = awaited(lambda: (text := identity(daemon)) != SESSION and text, "refused")
            assert "403" in refused or "revoked" in refused, refused
            daemon.kill()
            daemon.start().sign_in("developer")
            assert identity(daemon) != SESSION and len(admin_sessions()) == minted
    finally:
        broker.kill()


with tempfile.TemporaryDirectory() as scratch:
    main(pathlib.Path(scratch))
