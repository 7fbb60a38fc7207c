"""Stands between a daemon and the sandbox's broker, and bends what it answers. A policy `developer+hang` is asked of the
broker as `developer`, and the answer gets the fault `hang`: so each role of one daemon has a source with a fault of its own."""

import datetime
import http.server
import json
import os
import threading
import time
import urllib.error
import urllib.request

from faults import answers_bent

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class BentBroker:
    """Remembers what was really issued under each suffix, which is all that a daemon may ever serve."""

    def __init__(self):
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.broker = self
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.is_bending = threading.Event()
        self.issued = {}
        self.secrets = set()
        # Seconds by which a suffix's world is ahead of the real one.
        self.ahead = {}
        self.calls = {}

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.is_bending.clear()
        self.server.shutdown()
        self.server.server_close()

    def issue(self, suffix, call, authorization):
        """Status and body of the broker's own answer, in the time of that suffix."""
        self.calls[suffix] = self.calls.get(suffix, 0) + 1
        request = urllib.request.Request(os.environ["STSBROKER_URL"] + "/v1/credentials", json.dumps(call).encode())
        request.add_header("Content-Type", "application/json")
        request.add_header("Authorization", authorization)
        try:
            with OPENER.open(request, timeout=20) as answer:
                return answer.status, self._record(suffix, json.load(answer))
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.load(refusal)

    def _record(self, suffix, issued):
        for name in ["expiration", "issued_at"]:
            issued[name] = moved(issued[name], self.ahead.get(suffix, 0))
        names = ["access_key_id", "secret_access_key", "session_token", "expiration"]
        self.issued.setdefault(suffix, set()).add(tuple(issued[name] for name in names))
        self.secrets.update([issued["secret_access_key"], issued["session_token"]])
        return issued


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, *_):
        """A daemon that gives up on an answer resets the connection."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    broker = property(lambda self: self.server.broker)

    def do_POST(self):
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        call["policy"], _, suffix = call["policy"].partition("+")
        status, answer = self.broker.issue(suffix, call, self.headers["Authorization"])
        bend = answers_bent.BY_NAME.get(suffix) if self.broker.is_bending.is_set() else None
        try:
            (bend or answers_bent.unbent)(self, status, answer)
        except OSError:
            self.close_connection = True

    def do_GET(self):
        """Where a redirect leads."""
        answers_bent.unbent(self, 404, {})

    def log_message(self, *_):
        pass


def moved(timestamp, seconds):
    return text(instant(timestamp) + seconds)


def instant(timestamp):
    """Seconds since 1970 of `2026-01-31T12:00:00Z`."""
    return datetime.datetime.fromisoformat(timestamp.replace("Z", "+00:00")).timestamp()


def text(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
