"""Ten thousand open connections, half-open ones and reset ones, and a user over the limit; with healthy callers beside.
Prints what the healthy callers noticed of each, and descriptors and memory before, during and after."""

import json
import os
import time

from faults import crowd
from faults.bent_broker import BentBroker
from faults.own_daemon import OwnDaemon
from faults.steady_caller import HealthyCallers
from faults.watcher import Watcher

# Both sides need a descriptor for each, and some more.
MANY = min(10_000, crowd.HARD_LIMIT - 1000)
# So long callers are judged at least, beside what is over sooner.
LEAST_SECONDS = 10
PART = b"GET /role/developer HTTP/1.1\r\nHost: 127.0"
ROLES = {"developer": "developer+developer"}


def main():
    assert MANY > 500, f"a hard limit of {crowd.HARD_LIMIT} open files is too small for this test"
    crowd.raise_own_limit()
    report = {"connections": MANY}
    with BentBroker() as broker:
        with OwnDaemon(broker.url, ROLES, connections_per_user=20_000) as daemon:
            for bad in [many_open, half_open, reset_at_once]:
                report[bad.__name__] = beside_healthy(daemon, broker, bad)
        with OwnDaemon(broker.url, ROLES) as daemon:
            is_root = os.geteuid() == 0
            over = "another_user"
            report[over] = beside_healthy(daemon, broker, user_over_the_limit) if is_root else "skipped: needs root"
    print(json.dumps(report))


def beside_healthy(daemon, broker, bad):
    daemon.sign_in()
    watcher = Watcher(daemon, broker, "developer")
    watcher.wait_for_success(30)
    callers = HealthyCallers(daemon, "developer")
    time.sleep(1)
    before, begin = daemon.descriptors(), time.monotonic()
    facts = bad(daemon) or {}
    crowd.wait_until(lambda: daemon.descriptors() <= before + 5, 30, f"over {before} descriptors stay open")
    time.sleep(max(0, begin + LEAST_SECONDS - time.monotonic()))
    report = {"callers": callers.finish(), **facts, "mebibytes_after": round(daemon.resident_mebibytes(), 1)}
    assert not watcher.finish().ends, watcher.ends
    return report


def many_open(daemon):
    memory = round(daemon.resident_mebibytes(), 1)
    members = crowd.opened(daemon.ports["container"], MANY)
    crowd.wait_until(lambda: daemon.descriptors() >= MANY, 60, "not all were accepted")
    time.sleep(5)
    assert not any(crowd.is_closed(member) for member in members[::500])
    facts = {"mebibytes": memory, "mebibytes_while_open": round(daemon.resident_mebibytes(), 1)}
    crowd.reset(members)
    return facts


def half_open(daemon):
    """What began a request and stopped is told so after ten seconds; what stopped before is left alone."""
    members = crowd.opened(daemon.ports["container"], 1000, PART) + crowd.opened(daemon.ports["imds"], 1000, b"GE")
    for member in members:
        answer = crowd.rest_of(member)
        assert answer.startswith(b"HTTP/1.1 408 ") and b"InvalidRequest" in answer, answer
    crowd.reset(members)


def reset_at_once(daemon):
    request = PART + b".0.1\r\n\r\n"
    for _ in range(10):
        for sending in [b"", PART, request * 20]:
            crowd.reset(crowd.opened(daemon.ports["container"], 100, sending))


def user_over_the_limit(daemon):
    """2048 are served, as many more are told that they are too many, and the rest is closed."""
    port = daemon.ports["imds"]
    request = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()

    def take_all():
        members = crowd.opened(port, 4500)
        crowd.wait_until(lambda: crowd.is_closed(members[-1]), 20, "the last one was not closed")
        for member, status in [(members[2040], b"403"), (members[2100], b"429")]:
            member.settimeout(20)
            member.sendall(request)
            assert crowd.rest_of(member).startswith(b"HTTP/1.1 " + status), status
        time.sleep(5)
        crowd.reset(members)

    crowd.AnotherUser(take_all).finish()


if __name__ == "__main__":
    main()
