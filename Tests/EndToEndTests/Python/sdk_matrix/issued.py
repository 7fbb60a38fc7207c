"""The credentials that the daemon has served, told by asking it all the time."""

import datetime
import json
import threading
import time
import urllib.error
import urllib.request

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
SECONDS_BETWEEN = 0.5


class Issued:
    def __init__(self, url, token_file):
        self._url = url
        self._token_file = token_file
        self._by_key = {}
        self._lock = threading.Lock()
        self.current = None
        self._wait_for_another_than(None, 60)
        threading.Thread(target=self._poll_forever, daemon=True).start()

    def find(self, key):
        """The credentials of that access key ID; None if the daemon never served them."""
        if key not in self._by_key:
            # The client may have been quicker than the next poll.
            self._poll()
        return self._by_key.get(key)

    def is_newer(self, key, than):
        """True of credentials of this daemon that expire later than those."""
        found = self.find(key)
        return found is not None and found["Expiration"] > self._by_key[than]["Expiration"]

    def wait_for_newer(self, key):
        """Until the daemon serves other credentials than those."""
        self._wait_for_another_than(key, 120)

    def _wait_for_another_than(self, key, seconds):
        until = time.monotonic() + seconds
        while self.current in (None, key):
            if time.monotonic() > until:
                raise TimeoutError(f"the daemon has served no newer credentials for {seconds} seconds")
            self._poll()
            time.sleep(SECONDS_BETWEEN)

    def _poll_forever(self):
        while True:
            self._poll()
            time.sleep(SECONDS_BETWEEN)

    def _poll(self):
        with open(self._token_file) as file:
            request = urllib.request.Request(self._url, headers={"Authorization": file.read()})
        try:
            with OPENER.open(request, timeout=10) as answer:
                credentials = json.load(answer)
        except (urllib.error.HTTPError, TimeoutError):
            return
        with self._lock:
            self.current = credentials["AccessKeyId"]
            self._by_key[self.current] = credentials


def expired(credentials):
    expiration = datetime.datetime.fromisoformat(credentials["Expiration"].replace("Z", "+00:00"))
    return expiration <= datetime.datetime.now(datetime.timezone.utc)
