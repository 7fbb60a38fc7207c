"""Gives each role of one daemon a source with a fault of its own, from credentials that are fresh until long after their end,
then heals all of them. Prints how long each took to recover, and what healthy callers noticed.

The sandbox mints credentials of 60 seconds: the daemon refreshes at about 40, and serves nothing after 45."""

import json
import time

from faults import answers_bent
from faults.bent_broker import BentBroker
from faults.own_daemon import OwnDaemon
from faults.steady_caller import HealthyCallers
from faults.watcher import Watcher

FAULT_SECONDS = 58
# Of one, for some hundred requests a second.
MOST_PROCESSOR = 0.7
# The longest pause between two attempts is a minute.
RECOVERY_SECONDS = 100


def main():
    roles = ["healthy", *answers_bent.BY_NAME]
    with BentBroker() as broker, OwnDaemon(broker.url, {role: f"developer+{role}" for role in roles}) as daemon:
        daemon.sign_in()
        watchers = {role: Watcher(daemon, broker, role) for role in roles}
        for watcher in watchers.values():
            watcher.wait_for_success(30)
        report = through_faults(daemon, broker, watchers)
        ends = [watcher.ends for watcher in watchers.values() if watcher.finish().ends]
        assert not ends, ends
        print(json.dumps(report))


def through_faults(daemon, broker, watchers):
    callers = HealthyCallers(daemon, "healthy")
    begin, used = time.monotonic(), daemon.processor_seconds()
    broker.is_bending.set()
    time.sleep(FAULT_SECONDS)
    processor = (daemon.processor_seconds() - used) / FAULT_SECONDS
    assert processor < MOST_PROCESSOR, processor
    for role, watcher in watchers.items():
        judge_faulty(role, *watcher.since(begin), *watcher.since(begin + FAULT_SECONDS - 5))
    recoveries = recover(broker, watchers)
    return {"callers": callers.finish(), "processor": round(processor, 3), "recoveries": recoveries}


def judge_faulty(role, codes, keys, last_codes, last_keys):
    """The last good credentials were served first, and those that need another source were refused in the end."""
    if role == "healthy" or role in answers_bent.HARMLESS:
        assert codes == {"Success"} and len(keys) >= 2, (role, codes, keys)
    else:
        assert "Success" in codes and len(keys) == 1, (role, codes, keys)
        assert last_codes and last_codes <= {"BrokerUnreachable", "CredentialsExpired"}, (role, last_codes)


def recover(broker, watchers):
    begin = time.monotonic()
    broker.is_bending.clear()
    recoveries = {}
    for role, watcher in watchers.items():
        watcher.wait_for_success(RECOVERY_SECONDS)
        first = min(when for when, code, _ in tuple(watcher.seen) if when >= begin and code == "Success")
        recoveries[role] = round(first - begin, 1)
    return recoveries


if __name__ == "__main__":
    main()
