"""A browser without scripts, for the broker's pages: it keeps cookies, follows redirects, clicks links and sends forms."""

import html.parser
import http.cookiejar
import urllib.error
import urllib.parse
import urllib.request


class Page(html.parser.HTMLParser):
    """Links by their text, and forms by where they go: each has its hidden fields."""

    def __init__(self, status, address, text):
        super().__init__()
        self.status, self.address, self.text = status, address, text
        self.links, self.forms, self.form, self.link = {}, {}, None, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "form":
            self.form = self.forms.setdefault(values["action"], {})
        if tag == "input" and self.form is not None:
            self.form[values["name"]] = values.get("value", "")
        if tag == "a":
            self.link = values["href"]

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        if tag == "a":
            self.link = None

    def handle_data(self, data):
        if self.link:
            self.links[" ".join(data.split())] = self.link


class PageBrowser:
    def __init__(self):
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def open(self, address, fields=None, method=None):
        """The page at the end of all redirects."""
        data = None if fields is None else urllib.parse.urlencode(fields).encode()
        request = urllib.request.Request(address, data, method=method)
        if data is not None:
            parts = urllib.parse.urlsplit(address)
            request.add_header("Origin", f"{parts.scheme}://{parts.netloc}")
        try:
            answer = self.opener.open(request)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return Page(answer.status, answer.url, answer.read().decode())

    def click(self, page, text):
        return self.open(urllib.parse.urljoin(page.address, page.links[text]))

    def send(self, page, action, fields=()):
        return self.open(urllib.parse.urljoin(page.address, action), page.forms[action] | dict(fields))

    def signed_in(self, page, user):
        """From a page that invites to sign in to what is shown afterwards."""
        provider = self.click(page, "Sign in")
        return self.send(provider, "/authorize", {"user": user})
