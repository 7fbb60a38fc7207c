"""Signs in with `stsbroker login` as a person with a browser would: sign_in.py (browser|device) USER, where an
empty USER refuses. Prints what the command printed; ends with its exit status."""

import html.parser
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

FLOW, USER = sys.argv[1:]
OPTIONS = {"browser": ["--no-browser"], "device": ["--device"]}
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Form(html.parser.HTMLParser):
    """The first form of a page: where it goes, and its fields."""

    def __init__(self, page, address):
        super().__init__()
        self.fields = {}
        self.feed(page)
        self.address = urllib.parse.urljoin(address, self.action)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "form":
            self.action = values["action"]
        if tag == "input":
            self.fields[values["name"]] = values["value"]


def visit(address):
    """Opens the page and picks the user, or refuses."""
    form = Form(OPENER.open(address).read().decode(), address)
    body = urllib.parse.urlencode({**form.fields, "user": USER}).encode()
    try:
        OPENER.open(form.address, body).read()
    except urllib.error.HTTPError as refusal:
        assert refusal.code == 400 and not USER, refusal.read()


command = subprocess.Popen(["stsbroker", "login", *OPTIONS[FLOW]], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
for line in command.stderr:
    address = re.search(r"http://\S+\?\S+", line)
    if address:
        visit(address[0])
        break
output, problems = command.communicate(timeout=60)
print(output, end="")
print(problems, end="", file=sys.stderr)
sys.exit(command.returncode)
