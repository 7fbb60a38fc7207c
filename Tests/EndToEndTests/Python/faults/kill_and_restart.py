"""Kills a daemon with signal 9 while it is asked all the time, and starts it again on the same addresses, five times."""

import json
import time

from faults.bent_broker import BentBroker
from faults.own_daemon import OwnDaemon
from faults.watcher import Watcher


def main():
    with BentBroker() as broker, OwnDaemon(broker.url, {"developer": "developer+developer"}) as daemon:
        watchers = [Watcher(daemon, broker, "developer") for _ in range(4)]
        recoveries = [killed_and_restarted(daemon, watchers) for _ in range(5)]
        for watcher in watchers:
            watcher.finish()
    print(json.dumps({"recovered_after_seconds": recoveries}))


def killed_and_restarted(daemon, watchers):
    """Nobody is signed in at a restarted daemon, so it serves nothing; then somebody is, and it does."""
    daemon.sign_in()
    for watcher in watchers:
        watcher.wait_for_success(30)
    daemon.kill()
    begin = time.monotonic()
    daemon.start()
    until = time.monotonic() + 30
    while not all("SignInRequired" in watcher.since(begin)[0] for watcher in watchers):
        assert time.monotonic() < until, [watcher.seen[-1] for watcher in watchers]
        time.sleep(0.1)
    assert not any(watcher.since(begin)[1] for watcher in watchers), "a restarted daemon remembered credentials"
    daemon.sign_in()
    begin = time.monotonic()
    for watcher in watchers:
        watcher.wait_for_success(30)
    return round(time.monotonic() - begin, 1)


if __name__ == "__main__":
    main()
