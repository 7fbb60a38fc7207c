"""A client that sends exactly the bytes it is told, and reads one HTTP/1.1 answer."""

import socket


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def header(self, name):
        """The only value of a field, in any case of its name; None if it is absent."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(values) < 2, f"{name} is there {len(values)} times"
        return values[0] if values else None

    @property
    def text(self):
        return self.body.decode()


class Connection:
    def __init__(self, host, port, timeout=10):
        self.socket = socket.create_connection((host, port), timeout)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def ask(self, method, target, headers, body=b""):
        """Sends one request and reads its answer. `headers` is a list of pairs, sent as it is."""
        lines = [f"{method} {target} HTTP/1.1"] + [f"{name}: {value}" for name, value in headers]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return self.answer(has_body=method != "HEAD")

    def answer(self, has_body=True):
        """The next answer; None if the connection ends instead."""
        while b"\r\n\r\n" not in self.buffer:
            if not self._more():
                return None
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        version, status, _ = (lines[0] + " ").split(" ", 2)
        assert version == "HTTP/1.1", lines[0]
        headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]]
        answer = Answer(int(status), headers, b"")
        length = answer.header("Content-Length")
        assert length is not None or answer.status in (204, 304), "no Content-Length"
        if has_body:
            while len(self.buffer) < int(length or 0):
                assert self._more(), "the body is cut off"
            answer.body, self.buffer = self.buffer[: int(length or 0)], self.buffer[int(length or 0):]
        return answer

    def _more(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            return False
        self.buffer += data
        return bool(data)
