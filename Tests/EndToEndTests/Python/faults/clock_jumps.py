"""Sends daemons through time with libfaketime: their wall clocks jump, their steady ones do not. clock_jumps.py WAY:

forward     the daemon's clock is ahead for a while: it serves nothing, and recovers when the clock is right again
back        the daemon's clock falls behind: it serves nothing that STS has let die since
everything  all clocks jump ahead, as after sleep: new credentials are fetched
"""

import concurrent.futures
import glob
import json
import pathlib
import sys
import tempfile
import time

from faults import bent_broker
from faults.bent_broker import BentBroker
from faults.own_daemon import OwnDaemon
from faults.watcher import Watcher

LIBRARY = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
HOUR, YEAR = 3600, 365 * 86400
# A jump is noticed within 30 seconds; then the next attempt is due.
NOTICED_SECONDS = 45
# The sandbox mints credentials of 60 seconds.
LIFETIME = 60


class TimeTraveller:
    """A daemon with a wall clock of its own, and who watches it."""

    def __init__(self, broker, name, folder):
        self.broker, self.name = broker, name
        self.file = pathlib.Path(folder) / name
        self.file.write_text("+0\n")
        environment = {
            "LD_PRELOAD": LIBRARY[0],
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
        # The library adds to the environment what env(1) then hands on. If it added that to the daemon's own, which lies
        # behind the arguments, Swift's runtime would not find those.
        roles = {name: f"developer+{name}"}
        self.daemon = OwnDaemon(broker.url, roles, command=["env"], environment=environment)

    def __enter__(self):
        self.daemon.start().sign_in()
        self.watcher = Watcher(self.daemon, self.broker, self.name)
        self.watcher.wait_for_success(30)
        return self

    def __exit__(self, *_):
        self.watcher.is_over.set()
        self.watcher.join(30)
        self.daemon.__exit__()
        for shared in glob.glob(f"/dev/shm/*faketime*_{self.daemon.process.pid}"):
            pathlib.Path(shared).unlink()

    def jump(self, seconds):
        """Replaced at once, so that the daemon never reads half of it."""
        new = self.file.with_suffix(".new")
        new.write_text(f"{seconds:+d}\n")
        new.rename(self.file)
        return time.monotonic()


def forward(traveller, seconds):
    traveller.jump(seconds)
    time.sleep(NOTICED_SECONDS)
    codes, _ = traveller.watcher.since(time.monotonic() - 5)
    assert codes and codes <= {"BrokerUnreachable", "CredentialsExpired"}, (seconds, codes)
    traveller.jump(0)
    return traveller.watcher.wait_for_success(NOTICED_SECONDS)


def back(traveller, seconds):
    traveller.jump(seconds)
    time.sleep(LIFETIME + 10)
    _, keys = traveller.watcher.since(time.monotonic() - 3)
    now = time.time()
    ends = [bent_broker.instant(one[3]) for one in tuple(traveller.broker.issued[traveller.name]) if one[0] in keys]
    assert all(end > now - 4 for end in ends), f"{seconds}: it serves what STS let die {now - max(ends):.0f} s ago"
    return traveller.watcher.wait_for_success(1)


def everything(traveller, seconds):
    _, old = traveller.watcher.since(0)
    traveller.broker.ahead[traveller.name] = seconds
    traveller.jump(seconds)
    return traveller.watcher.wait_for_success(NOTICED_SECONDS, other_than=old)


WAYS = {
    "forward": (forward, [HOUR, YEAR]),
    "back": (back, [-HOUR, -YEAR]),
    "everything": (everything, [HOUR, YEAR]),
}


def main(way):
    if not LIBRARY:
        return print(json.dumps({"skipped": "libfaketime is not installed"}))
    travel, jumps = WAYS[way]
    with BentBroker() as broker, tempfile.TemporaryDirectory() as folder:

        def travelled(seconds):
            with TimeTraveller(broker, f"jump{seconds}", folder) as traveller:
                elapsed = travel(traveller, seconds)
                traveller.watcher.finish()
                assert not traveller.watcher.ends, traveller.watcher.ends
                return elapsed

        with concurrent.futures.ThreadPoolExecutor() as pool:
            seconds = list(pool.map(travelled, jumps))
    print(json.dumps({"recovered_after_seconds": {str(jump): round(one, 1) for jump, one in zip(jumps, seconds)}}))


if __name__ == "__main__":
    main(sys.argv[1])
