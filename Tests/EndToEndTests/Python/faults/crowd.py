"""Many connections to one daemon, opened and ended in the ways of bad callers."""

import os
import resource
import socket
import struct
import sys
import time
import traceback

HARD_LIMIT = resource.getrlimit(resource.RLIMIT_NOFILE)[1]


def raise_own_limit():
    resource.setrlimit(resource.RLIMIT_NOFILE, (HARD_LIMIT, HARD_LIMIT))


def opened(port, count, sending=b""):
    """Connections from several source addresses, each of which says `sending` and no more."""
    crowd = []
    for number in range(count):
        member = socket.socket()
        member.settimeout(20)
        member.bind((f"127.0.0.{number % 20 + 1}", 0))
        member.connect(("127.0.0.1", port))
        if sending:
            member.sendall(sending)
        crowd.append(member)
    return crowd


def reset(crowd):
    """socket(7): a linger time of 0 makes close(2) send RST, and leaves no port in TIME_WAIT."""
    for member in crowd:
        member.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        member.close()


def is_closed(member):
    """Whether the other side has ended it."""
    member.settimeout(0.001)
    try:
        return member.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def rest_of(member):
    """All that still comes until the other side closes."""
    text = b""
    try:
        while more := member.recv(65536):
            text += more
    except ConnectionResetError:
        pass
    return text


def wait_until(holds, seconds, problem):
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, problem
        time.sleep(0.1)


class AnotherUser:
    """A process of user 65534 that runs `body`, which must end without an exception."""

    def __init__(self, body):
        sys.stdout.flush()
        self.process = os.fork()
        if self.process:
            return
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            body()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)

    def finish(self):
        assert os.waitpid(self.process, 0)[1] == 0, "the other user saw what it should not"
