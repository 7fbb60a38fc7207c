"""A client that sends exactly the bytes it is told, and reads one HTTP/1.1 answer."""

import socket
import time


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def header(self, name):
        """The only value of a field, in any case of its name; empty if it is absent."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(values) < 2, f"{name} is there {len(values)} times"
        return values[0] if values else ""

    @property
    def text(self):
        return self.body.decode()


class Connection:
    """`times` gets how long each answer took, in seconds, and to what."""

    def __init__(self, host, port, times, timeout=10):
        self.socket = socket.create_connection((host, port), timeout)
        self.times = times
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def ask(self, method, target, headers, body=b""):
        """Sends one request and reads its answer. `headers` is a list of pairs, sent as it is."""
        begin = time.monotonic()
        try:
            self.send(request(method, target, headers) + body)
        except (BrokenPipeError, ConnectionResetError):
            # Whoever refuses a request need not take all of it. The answer is there nevertheless.
            pass
        try:
            answer = self.answer(has_body=method != "HEAD")
        finally:
            self.times.append((time.monotonic() - begin, f"{method} {target[:100]}"))
        assert answer, f"{method} {target[:100]}: the connection ended without an answer"
        return answer

    def answer(self, has_body=True):
        """The next answer; None if the connection ends instead. A reset is no end but an error."""
        while b"\r\n\r\n" not in self.buffer:
            if not self._more():
                assert not self.buffer, "the head is cut off"
                return None
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        version, status, _ = (lines[0] + " ").split(" ", 2)
        assert version == "HTTP/1.1", lines[0]
        headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]]
        answer = Answer(int(status), headers, b"")
        length = answer.header("Content-Length")
        assert length or answer.status in (204, 304), "no Content-Length"
        if has_body:
            answer.body = self._body(int(length or 0))
        return answer

    def _body(self, length):
        while len(self.buffer) < length:
            assert self._more(), "the body is cut off"
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return body

    def _more(self):
        data = self.socket.recv(65536)
        self.buffer += data
        return bool(data)


def request(method, target, headers):
    """A request without a body, in bytes."""
    lines = [f"{method} {target} HTTP/1.1"] + [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"
