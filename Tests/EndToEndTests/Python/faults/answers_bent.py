"""What a bent broker does to an answer: functions of the HTTP handler, the status and the JSON."""

import json
import socket
import struct
import time

from faults import bent_broker


def unbent(handler, status, answer, content_type="application/json"):
    send(handler, status, json.dumps(answer).encode(), content_type)


def send(handler, status, body, content_type="application/json", length=None, fields=()):
    handler.send_response(status)
    handler.send_header("Content-Type", content_type)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    for name, value in fields:
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def hang(handler, *_):
    while handler.broker.is_bending.is_set():
        time.sleep(0.1)
    close(handler)


def close(handler, *_):
    handler.close_connection = True


def reset(handler, *_):
    # socket(7): a linger time of 0 makes close(2) send RST.
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    raise ConnectionResetError


def error(handler, *_):
    send(handler, 500, b"<h1>Something went wrong</h1>", "text/html")


def garbage(handler, *_):
    handler.wfile.write(bytes(range(256)) * 20)
    close(handler)


def drip(handler, status, answer):
    body = json.dumps(answer).encode()
    send(handler, status, b"", length=len(body))
    for byte in body:
        handler.wfile.write(bytes([byte]))
        time.sleep(0.05 if handler.broker.is_bending.is_set() else 0)


def wrong_content_type(handler, status, answer):
    unbent(handler, status, answer, "text/html")


def web_page(handler, status, answer):
    send(handler, 200, b"<html>Please sign in to this network</html>", "text/html")


def truncated(handler, status, answer):
    body = json.dumps(answer).encode()
    send(handler, status, body[: len(body) // 2], length=len(body))
    close(handler)


def too_long(handler, status, answer):
    unbent(handler, status, {**answer, "padding": "x" * 400_000})


def redirect(handler, *_):
    send(handler, 307, b"", fields=[("Location", handler.broker.url + "/elsewhere")])


def not_found(handler, *_):
    send(handler, 404, b"no such page", "text/plain")


def changed(**changes):
    """An answer in which some values are others; those that can be called are asked for the new value."""

    def bend(handler, status, answer):
        new = {name: value() if callable(value) else value for name, value in changes.items()}
        unbent(handler, status, {**answer, **new})

    return bend


def from_now(seconds):
    return lambda: bent_broker.text(time.time() + seconds)


BY_NAME = {
    "hang": hang,
    "reset": reset,
    "close": close,
    "error": error,
    "garbage": garbage,
    "drip": drip,
    "wrong-content-type": wrong_content_type,
    "web-page": web_page,
    "truncated": truncated,
    "too-long": too_long,
    "redirect": redirect,
    "not-found": not_found,
    "expired": changed(issued_at=from_now(-7200), expiration=from_now(-3600)),
    "nearly-expired": changed(expiration=from_now(10)),
    "expired-at-issue": changed(expiration=from_now(-1), issued_at=from_now(60)),
    "no-instant": changed(expiration="tomorrow"),
    "no-key": changed(access_key_id=""),
    "no-secret": changed(secret_access_key=""),
    "no-token": changed(session_token=""),
    "no-role": changed(role_arn="stsbroker-developer"),
}
# Does no harm: the broker's JSON is recognised by its content.
HARMLESS = {"wrong-content-type"}
