"""The pages, with a browser that a script drives: a link that is followed changes nothing, an approver signs in, sees what is asked
for, and approves; what is sent again counts nothing. Wants the sandbox's `env`. Ends at the first surprise."""

import json
import os
import urllib.request

import sandbox_control
from own_broker import token
from page_browser import PageBrowser

BROKER = os.environ["STSBROKER_URL"]
REASON = "<script>alert(1)</script> & \"more\""


def call(method, path, user, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(BROKER + path, data, method=method)
    request.add_header("Content-Type", "application/json")
    request.add_header("Authorization", token(user))
    with sandbox_control.OPENER.open(request) as answer:
        return json.load(answer)


def asked(reason=REASON):
    return call("POST", "/v1/requests", "developer", {"policy": "admin", "duration_seconds": 1800, "reason": reason})


def state(request):
    return call("GET", f"/v1/requests/{request['request_id']}", "developer")["state"]


def admin_sessions():
    return [each for each in sandbox_control.call("GET", "/sessions")["sessions"] if "admin" in each["role_arn"]]


def scanned(link, browser):
    """As mail scanners and link previews do, signed in or not."""
    for path in (f"/requests/{link}", f"/credentials/approve?requestid={link}&userid=developer", f"/requests/{link}/decision"):
        for method in ("GET", "HEAD"):
            assert browser.open(BROKER + path, method=method).status == 200, (method, path)


def check_page(page, request):
    assert page.status == 200 and page.address.endswith(f"/requests/{request['request_id']}"), page.address
    for text in ("developer@example.com", "111122223333", "80 of 100", "30 min", "costcenter", "1001", "project", "sandbox",
                 "Everything; needs approval", "risk 80 is over 50", request["content_hash"], "&lt;script&gt;"):
        assert text in page.text, (text, page.text)
    assert "<script" not in page.text


def main():
    request = asked()
    link, before = request["request_id"], admin_sessions()
    stranger, approver = PageBrowser(), PageBrowser()
    scanned(link, stranger)
    page = approver.signed_in(approver.open(f"{BROKER}/requests/{link}"), "approver")
    check_page(page, request)
    scanned(link, approver)
    assert state(request) == "pending" and admin_sessions() == before

    foreign = stranger.signed_in(stranger.open(f"{BROKER}/requests/{link}"), "operator")
    assert foreign.status == 404 and "No such request" in foreign.text, foreign.text

    action = f"/requests/{link}/decision"
    done = approver.send(page, action, {"decision": "approve", "comment": "for the release"})
    assert done.status == 200 and "You approved it." in done.text and "for the release" in done.text, done.text
    assert state(request) == "active" and admin_sessions() == before, "nothing is minted before somebody asks for it"
    issued = call("POST", "/v1/credentials", "developer", {"policy": "admin"})
    assert issued["request_id"] == link and len(admin_sessions()) == len(before) + 1
    for _ in range(3):
        again = approver.send(page, action, {"decision": "approve"})
        assert again.status == 409 and "the first one counted" in again.text, again.text
    assert len(admin_sessions()) == len(before) + 1

    revoked = approver.send(done, f"/requests/{link}/revoke", {"comment": "done"})
    assert "is revoked" in revoked.text and state(request) == "revoked", revoked.text
    out = approver.send(revoked, "/sign-out")
    assert out.address.endswith("/sign-in") and "Sign in" in out.links, out.text
    assert approver.open(f"{BROKER}/requests").address.endswith("/sign-in")


if __name__ == "__main__":
    main()
