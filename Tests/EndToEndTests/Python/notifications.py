"""A broker of its own tells approvers and requesters: by mail over STARTTLS, where one server has it log in by
PLAIN and one by LOGIN, by a signed webhook, and by Slack, which is down at first and comes back after the broker was killed. Wants the
sandbox's `env`. Ends at the first surprise."""

import base64
import hashlib
import hmac
import json
import pathlib
import tempfile

from own_broker import OwnBroker, awaited, free_port
from told import Hook, Mailbox, mail_server, secret

KEY = b"24 bytes make a good key"
# As the libraries of Standard Webhooks take it.
WEBHOOK_SECRET = "whsec_" + base64.b64encode(KEY).decode()
REASON = "<!channel> please\nBcc: everybody@example.com"


def own_broker(folder, ports):
    mail = mail_server(folder, ports["mail"])
    targets = [
        {"name": "slack", "slack": {"url_file": secret(folder, "slack", f"http://127.0.0.1:{ports['slack']}/T0/secret")}},
        {"name": "siem", "webhook": {"url": f"http://127.0.0.1:{ports['hook']}/", "key_file": secret(folder, "key", WEBHOOK_SECRET)}},
        {"name": "security", "smtp": mail | {"to": ["security@example.com"]}},
        {"name": "duty", "smtp": mail | {"to": ["first@example.com", "gone@example.com", "late@example.com"]}},
        {"name": "people", "smtp": mail_server(folder, ports["people"], "people.pem")}]

    def tell_approvers(policy):
        if "approval" in policy:
            policy["approval"]["notify"] = ["slack", "siem", "security", "duty"]

    return OwnBroker(folder, {"notifications": {"targets": targets, "requesters": {"email": "people"}}}, tell_approvers)


def check_webhook(hook):
    awaited(lambda: len(hook.calls) == 2, "posted again after a 503")
    assert hook.calls[0][0]["webhook-id"] == hook.calls[1][0]["webhook-id"] == hook.calls[0][0]["Idempotency-Key"]
    headers, body = hook.calls[1]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}", headers
    event = json.loads(body)
    assert event["type"] == "request.approval_needed" and event["data"]["reason"] == REASON, event
    assert event["data"]["url"].endswith(f"/requests/{event['data']['request_id']}"), event


def check_refusals(mailbox):
    """Nobody is passed over who is refused for the moment, and nobody waits for who is refused for good."""
    awaited(lambda: any("late@example.com" in to for to, _ in mailbox.mails), "mailed after greylisting")
    recipients = [to for to, _ in mailbox.mails if "first@example.com" in to]
    assert recipients == [["first@example.com", "late@example.com"]], recipients


def main(folder):
    mailbox = Mailbox(folder, {"late@example.com": ["451 4.7.1 later"], "gone@example.com": ["550 5.1.1 nobody"] * 9})
    ports = {"slack": free_port(), "hook": free_port()}
    people = Mailbox(folder, without=["PLAIN"], ca_file="people.pem")
    ports["mail"], ports["people"] = mailbox.port, people.port
    hook = Hook(ports["hook"], statuses=[503])
    broker = own_broker(folder, ports)

    status, request = broker.call("POST", "/v1/requests", "developer", {"policy": "admin", "reason": REASON})
    assert status == 201, (status, request)
    [mail] = awaited(lambda: mailbox.about("security@example.com", "developer asks for admin"), "mailed")
    text = mail.get_content()
    assert f"stsbroker approve {request['request_id']}" in text and mail["Bcc"] is None, mail.as_string()
    assert f"To look at it and decide: {broker.url}/requests/{request['request_id']}" in text, text
    assert "Reason: <!channel> please Bcc: everybody@example.com" in text.splitlines(), text
    check_webhook(hook)
    check_refusals(mailbox)

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
    for box, recipient in ((people, "developer@example.com"), (mailbox, "security@example.com")):
        [mail] = awaited(lambda: box.about(recipient, "admin is denied to developer by approver"), recipient)
        assert "Comment: not today" in mail.get_content(), mail.as_string()
    assert (mailbox.mechanisms, people.mechanisms) == ({"PLAIN"}, {"LOGIN"}), (mailbox.mechanisms, people.mechanisms)
    broker.process.terminate()
    assert broker.process.wait(timeout=90) == 0
    log = broker.log.read_text()
    assert "mail recipient refused" in log and "gone@example.com" in log, log
    assert "notice not delivered" in log and "secret" not in log and WEBHOOK_SECRET not in log, log


with tempfile.TemporaryDirectory() as scratch:
    main(pathlib.Path(scratch))
