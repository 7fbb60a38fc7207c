"""What must be refused on either face: requests that a web page, a proxy or a foreign name has caused."""

from endpoint import check

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36"


def refused(endpoint, header, *statuses):
    """Whatever else is right."""
    for method, path, proof in endpoint.doors():
        endpoint.check_refusal(endpoint.ask(method, path, proof + [header]), *statuses)


def foreign_host(endpoint):
    "A foreign Host is 403, whatever else is right (DNS rebinding)"
    for host in ["attacker.example", f"attacker.example:{endpoint.port}", f"{endpoint.host}.attacker.example", f"{endpoint.host}:1"]:
        refused(endpoint, ("Host", host), 403)


def foreign_host_first(endpoint):
    "A foreign Host is 403, whatever else is wrong: it is looked at before anything else"
    for method, path in [("GET", "/"), ("GET", "/nothing"), ("POST", "/nothing"), ("GET", endpoint.secret)]:
        endpoint.check_refusal(endpoint.ask(method, path, [("Host", "attacker.example")]), 403)


def unfit_host(endpoint):
    "An empty Host, none and two are refused"
    own = ("Host", f"{endpoint.host}:{endpoint.port}")
    for method, path, proof in endpoint.doors():
        endpoint.check_refusal(endpoint.ask(method, path, proof, host=""), 400, 403)
        for hosts in [[("Host", "")], [own, own], [own, ("Host", "attacker.example")]]:
            endpoint.check_refusal(endpoint.ask(method, path, proof + hosts), 400, 403)


def browsers(endpoint):
    "What a web page or a browser sends is 403"
    for header in [
        ("Origin", "https://attacker.example"), ("Origin", "null"), ("Referer", "https://attacker.example/"),
        ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors"), ("User-Agent", BROWSER),
    ]:
        refused(endpoint, header, 403)


def proxies(endpoint):
    "What a proxy forwards is 403, also where X-Forwarded-For is empty"
    for header in [("X-Forwarded-For", "1.2.3.4"), ("X-Forwarded-For", ""), ("Forwarded", "for=1.2.3.4"), ("Via", "1.1 proxy")]:
        refused(endpoint, header, 403)


def proxy_requests(endpoint):
    "A request to a proxy is refused"
    for target in [f"http://{endpoint.host}:{endpoint.port}/", "http://attacker.example/"]:
        endpoint.check_refusal(endpoint.get(target))
    answer = endpoint.get("attacker.example:443", method="CONNECT")
    check(400 <= answer.status < 600, answer)


CASES = [foreign_host, foreign_host_first, unfit_host, browsers, proxies, proxy_requests]
