"""Sends daemons through time with moved_clock.c: their wall clocks jump, their steady ones do not. clock_jumps.py WAY:

forward     the daemon's clock is ahead for a while: it serves nothing, and recovers when the clock is right again
back        the daemon's clock falls behind: it serves nothing that STS has let die since
everything  all clocks jump ahead, as after sleep: new credentials are fetched
"""

import concurrent.futures
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

from faults import bent_broker
from faults.bent_broker import BentBroker
from faults.own_daemon import OwnDaemon
from faults.watcher import Watcher

SOURCE = pathlib.Path(__file__).with_name("moved_clock.c")
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
        self.file.write_bytes(struct.pack("l", 0))
        environment = {"LD_PRELOAD": f"{folder}/moved_clock.so", "MOVED_CLOCK_FILE": str(self.file)}
        self.daemon = OwnDaemon(broker.url, {name: f"developer+{name}"}, environment=environment)

    def __enter__(self):
        self.daemon.start().sign_in()
        self.watcher = Watcher(self.daemon, self.broker, self.name)
        self.watcher.wait_for_success(30)
        return self

    def __exit__(self, *_):
        self.watcher.is_over.set()
        self.watcher.join(30)
        self.daemon.__exit__()

    def jump(self, seconds):
        """The daemon has the file's page in its memory."""
        with open(self.file, "r+b") as file:
            file.write(struct.pack("l", seconds))


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
    travel, jumps = WAYS[way]
    with BentBroker() as broker, tempfile.TemporaryDirectory() as folder:
        subprocess.run(["clang", "-shared", "-fPIC", "-o", f"{folder}/moved_clock.so", SOURCE], check=True)

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
