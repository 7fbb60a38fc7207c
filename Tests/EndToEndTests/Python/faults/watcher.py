"""Asks a daemon for one role all the time, by both faces in turn, and judges every answer."""

import email.utils
import http.client
import json
import threading
import time

from faults import bent_broker

CODES = {
    "BrokerUnreachable": {503},
    "CredentialsExpired": {503},
    "SignInRequired": {403, 503},
    "InvalidAuthorizationToken": {401},
    "TooManyRequests": {429},
}
# The daemon keeps 15 seconds for the way to AWS; times are told in whole seconds.
LEAST_LEFT = 14


class Watcher(threading.Thread):
    """`ends` are sockets that ended without an answer; nobody but a killed daemon may do that."""

    def __init__(self, daemon, broker, role, suffix=None):
        super().__init__(daemon=True)
        self.target, self.broker, self.role, self.suffix = daemon, broker, role, suffix or role
        self.seen = []
        self.ends = []
        self.problem = None
        self.is_over = threading.Event()
        self.connections = {}
        self.session = "none"
        self.start()

    def run(self):
        try:
            while not self.is_over.wait(0.1):
                for face in ["container", "imds"]:
                    self._ask(face)
        except Exception as problem:
            self.problem = f"{self.role}: {type(problem).__name__}: {problem}"

    def _ask(self, face):
        try:
            self._judge(face, *self._exchange(face))
        except (OSError, http.client.HTTPException) as end:
            self.ends.append((time.monotonic(), repr(end)))
            self.connections.pop(face, None)

    def _exchange(self, face):
        if face == "container":
            token = self.target.token_file.read_text()
            return self._call(face, "GET", f"/role/{self.role}", {"Authorization": token})
        path = f"/latest/meta-data/iam/security-credentials/{self.role}"
        answer = self._call(face, "GET", path, {"X-aws-ec2-metadata-token": self.session})
        if answer[0] == 401:
            lifetime = {"X-aws-ec2-metadata-token-ttl-seconds": "21600"}
            self.session = self._call(face, "PUT", "/latest/api/token", lifetime)[2]
        return answer

    def _call(self, face, method, path, fields):
        port = self.target.ports[face]
        connection = self.connections.setdefault(face, http.client.HTTPConnection("127.0.0.1", port, timeout=20))
        connection.request(method, path, headers=fields)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()

    def _judge(self, face, status, fields, body):
        """What a caller may be told is a credential that its role got and that lives, or why there is none."""
        now = email.utils.parsedate_to_datetime(fields["Date"]).timestamp()
        if status == 200:
            code, key = "Success", self._judged_key(json.loads(body), now)
        else:
            code, key = json.loads(body)["code"] if face == "container" else body.partition(":")[0], None
            assert status in CODES.get(code, {}) and len(body) > len(code) + 10, (status, body)
            assert not any(secret in body for secret in tuple(self.broker.secrets)), "an error told a secret"
            pause = fields["Retry-After"]
            assert pause is None or 1 <= int(pause) <= 3600, f"Retry-After: {pause}"
        self.seen.append((time.monotonic(), code, key))

    def _judged_key(self, served, now):
        told = tuple(served[name] for name in ["AccessKeyId", "SecretAccessKey", "Token", "Expiration"])
        assert told in self.broker.issued.get(self.suffix, ()), f"{told[0]} was never issued to this role"
        left = bent_broker.instant(told[3]) - now
        assert left >= LEAST_LEFT, f"{told[0]} was served with {left} s left"
        return told[0]

    def since(self, begin):
        """The codes and the keys of all answers since then."""
        answers = [(code, key) for when, code, key in tuple(self.seen) if when >= begin]
        return {code for code, _ in answers}, {key for _, key in answers if key}

    def wait_for_success(self, seconds, other_than=()):
        """How long it takes until a credential is served, not one of those keys."""
        begin = time.monotonic()
        while not self.since(begin)[1] - set(other_than):
            self.check()
            last = self.seen[-1:], self.ends[-1:]
            assert time.monotonic() < begin + seconds, f"{self.role}: nothing served in {seconds} s; {last}"
            time.sleep(0.05)
        return time.monotonic() - begin

    def check(self):
        assert not self.problem, self.problem

    def finish(self):
        self.is_over.set()
        self.join(30)
        self.check()
        return self
