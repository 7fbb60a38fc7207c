"""What SDKs do on either face, and count on."""

import calendar
import time

from endpoint import check
from http11 import request

IDLE_SECONDS = 5
LEAST_LIFETIME_SECONDS = 15 * 60
# botocore waits no longer for IMDS, and does not ask twice.
LONGEST_ANSWER_SECONDS = 1
# From one process under permanent errors.
BURST, BURST_SECONDS = 16, 4
AGENTS = [
    "Boto3/1.35.0 md/Botocore#1.35.0 ua/2.0 os/linux#6.1.0 md/arch#x86_64 lang/python#3.12.3 md/pyimpl#CPython",
    "aws-sdk-go-v2/1.30.0 os/linux lang/go#1.22.5 md/GOOS#linux", "aws-sdk-rust/1.3.3 os/linux lang/rust/1.80.0", "",
    "aws-sdk-java/2.26.0 Linux/6.1.0 OpenJDK_64-Bit_Server_VM/21.0.4 Java/21.0.4", "aws-sdk-cpp/1.11.300", "AWS-SDK-Ruby3",
]


def own_host(endpoint):
    "The own address is a good Host with and without the port"
    for host in [endpoint.host, f"{endpoint.host}:{endpoint.port}"]:
        answer = endpoint.get(endpoint.secret, [("Host", host)])
        check(answer.status == 200, answer)


def agents(endpoint):
    "SDKs are no browsers, whether they say who they are or not"
    check(endpoint.get(endpoint.secret).status == 200, endpoint.get("/"))
    for agent in AGENTS:
        answer = endpoint.get(endpoint.secret, [("User-Agent", agent)])
        check(answer.status == 200, answer)


def lifetime(endpoint):
    "Credentials live long enough for the windows in which SDKs renew them: fifteen minutes or more"
    expiration = calendar.timegm(time.strptime(endpoint.credentials()["Expiration"], "%Y-%m-%dT%H:%M:%SZ"))
    left = expiration - time.time()
    assert left >= LEAST_LIFETIME_SECONDS, f"{left:.0f} s are left"


def keep_alive(endpoint):
    "A connection serves many requests, also pipelined ones, in their order"
    both = request("GET", "/", endpoint.fields()) + request("GET", "/nothing", endpoint.fields())
    with endpoint.connection() as connection:
        connection.send(both * 10)
        for _ in range(10):
            for status in [200, 404]:
                answer = connection.answer()
                assert answer, "the connection ended"
                check(answer.status == status, answer)
        check(endpoint.get("/", over=connection).status == 200, answer)


def idle_connection(endpoint):
    "A connection that was idle for seconds serves, whether it has been used before or not"
    with endpoint.connection() as used, endpoint.connection() as unused:
        check(endpoint.get(endpoint.secret, over=used).status == 200, endpoint.get("/"))
        time.sleep(IDLE_SECONDS)
        for connection in [used, unused]:
            answer = endpoint.get(endpoint.secret, over=connection)
            check(answer.status == 200, answer)


def burst(endpoint):
    "Sixteen requests within four seconds are all answered as one is, on connections of their own, whether they succeed or not"
    for path, status in [(endpoint.secret, 200), ("/nothing", 404)]:
        data, begin = request("GET", path, endpoint.fields()), time.monotonic()
        connections = [endpoint.connection() for _ in range(BURST)]
        for connection in connections:
            connection.send(data)
        for connection in connections:
            with connection:
                answer = connection.answer()
            assert answer, "the connection ended"
            check(answer.status == status, answer)
        assert time.monotonic() - begin < BURST_SECONDS, "it took too long"


def connection_each(endpoint):
    "A hundred requests with a connection each are all served"
    fields = endpoint.fields()
    for _ in range(100):
        answer = endpoint.ask("GET", endpoint.secret, fields)
        check(answer.status == 200, answer)


def quick(endpoint):
    "No answer to any case before took a second"
    seconds, what = max(endpoint.times)
    assert seconds < LONGEST_ANSWER_SECONDS, f"{what} took {seconds:.1f} s"


CASES = [own_host, agents, lifetime, keep_alive, idle_connection, burst, connection_each]
# Looks back at all others.
LAST = [quick]
