"""Uses up the descriptors of a daemon that may have 120, with and without a limit for each user that is below that. Callers
that are connected are served throughout, the daemon does not spin, and when the crowd is gone all are served again."""

import json
import time

from faults import crowd
from faults.bent_broker import BentBroker
from faults.own_daemon import OwnDaemon
from faults.steady_caller import SteadyCaller
from faults.watcher import Watcher

DESCRIPTORS = 120
CROWD_SECONDS = 12
MOST_PROCESSOR = 0.5
ROLES = {"developer": "developer+developer", "late": "developer+developer"}


def main():
    reports = {}
    for limit in [2048, 30]:
        with BentBroker() as broker:
            command = ["prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}"]
            with OwnDaemon(broker.url, ROLES, connections_per_user=limit, command=command) as daemon:
                reports[limit] = crowded(daemon.sign_in(), broker, limit)
    print(json.dumps(reports))


def crowded(daemon, broker, limit):
    watcher = Watcher(daemon, broker, "developer")
    watcher.wait_for_success(30)
    # Who connects only now waits like all others, so one that is connected already.
    caller = SteadyCaller(daemon, "developer")
    time.sleep(1)
    members = crowd.opened(daemon.ports["container"], 400)
    time.sleep(1)
    used = daemon.processor_seconds()
    # A role that is new, over a connection that is not: its source may be out of reach now.
    watcher.role = "late"
    time.sleep(CROWD_SECONDS)
    processor = (daemon.processor_seconds() - used) / CROWD_SECONDS
    assert processor < MOST_PROCESSOR, f"it used {processor:.2f} of a processor, with nothing to accept into"
    descriptors = daemon.descriptors()
    judge(limit, descriptors, sum(map(crowd.is_closed, members)))
    crowd.reset(members)
    watcher.wait_for_success(30)
    fresh = Watcher(daemon, broker, "developer", "developer")
    recovered = fresh.wait_for_success(30)
    assert not watcher.finish().ends + fresh.finish().ends, watcher.ends + fresh.ends
    return {
        "caller": caller.finish(),
        "processor": round(processor, 3),
        "descriptors": descriptors,
        "recovered_after_seconds": round(recovered, 1),
    }


def judge(limit, descriptors, closed):
    if limit < DESCRIPTORS:
        assert closed >= 400 - 2 * limit and descriptors < DESCRIPTORS, (limit, descriptors, closed)
    else:
        assert descriptors >= DESCRIPTORS - 2, descriptors


if __name__ == "__main__":
    main()
