"""What must be refused on either face, and what must not be: the habits of real clients."""

from endpoint import check

PATH = "/"


def foreign_host(endpoint):
    "A foreign Host is 403, whatever else is right (DNS rebinding)"
    for host in ["attacker.example", f"attacker.example:{endpoint.port}", f"{endpoint.host}.attacker.example", f"{endpoint.host}:1"]:
        answer = endpoint.get(PATH, [("Host", host)])
        check(answer.status == 403, answer)


def own_host(endpoint):
    "The own address is a good Host with and without the port"
    for host in [endpoint.host, f"{endpoint.host}:{endpoint.port}"]:
        answer = endpoint.get(PATH, [("Host", host)])
        check(answer.status == 200, answer)


def browsers(endpoint):
    "What a web page or a browser sends is 403"
    for header in [
        ("Origin", "https://attacker.example"), ("Origin", "null"), ("Referer", "https://attacker.example/"),
        ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors"),
        ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36"),
    ]:
        answer = endpoint.get(PATH, [header])
        check(answer.status == 403, answer)


def proxies(endpoint):
    "What a proxy forwards is 403"
    for header in [("X-Forwarded-For", "1.2.3.4"), ("Forwarded", "for=1.2.3.4"), ("Via", "1.1 proxy")]:
        answer = endpoint.get(PATH, [header])
        check(answer.status == 403, answer)


def proxy_requests(endpoint):
    "A request to a proxy is refused"
    for target in [f"http://{endpoint.host}:{endpoint.port}/", "http://attacker.example/"]:
        answer = endpoint.get(target)
        check(400 <= answer.status < 500, answer)


def huge_heads(endpoint):
    "Huge heads are refused, and others are served meanwhile"
    for headers in [[("X-Filler", "x" * 70000)], [(f"X-{number}", "x") for number in range(2000)]]:
        try:
            answer = endpoint.get(PATH, headers)
        except (BrokenPipeError, ConnectionResetError):
            answer = None
        assert answer is None or 400 <= answer.status < 500, answer.status
    check(endpoint.get(PATH).status == 200, endpoint.get(PATH))


def garbage(endpoint):
    "Garbage is answered with 400 or not at all, and others are served"
    for data in [b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"\r\n" * 50, b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", b"\0" * 100]:
        with endpoint.connection() as connection:
            connection.send(data + b"\r\n\r\n")
            connection.socket.shutdown(1)
            answer = connection.answer()
        assert answer is None or 400 <= answer.status < 500, answer.status
    check(endpoint.get(PATH).status == 200, endpoint.get(PATH))


def half_requests(endpoint):
    "A hundred clients that never finish their requests keep nobody waiting"
    idle = [endpoint.connection() for _ in range(100)]
    for connection in idle:
        connection.send("GET / HTTP/1.1\r\nHost: ")
    check(endpoint.get(PATH).status == 200, endpoint.get(PATH))
    for connection in idle:
        connection.socket.close()


def keep_alive(endpoint):
    "A connection serves many requests, also pipelined ones, in their order"
    first = endpoint.get(PATH)
    headers = [("Host", f"{endpoint.host}:{endpoint.port}")] + endpoint.proof()
    request = "\r\n".join([f"GET {PATH} HTTP/1.1"] + [f"{name}: {value}" for name, value in headers]) + "\r\n\r\n"
    with endpoint.connection() as connection:
        connection.send(request * 20)
        for _ in range(20):
            answer = connection.answer()
            check(answer.status == 200 and answer.body == first.body, answer)


CASES = [
    foreign_host, own_host, browsers, proxies, proxy_requests, huge_heads, garbage, half_requests, keep_alive,
]
