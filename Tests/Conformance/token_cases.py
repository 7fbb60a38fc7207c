"""Session tokens of EC2 instance metadata: how they are made, and that nothing is had without."""

import time

from endpoint import SAFE_LENGTH, altered, check

UNFIT_LIFETIMES = ["0", "-1", "21601", "x", "", "1.5", "99999999999999999999"]
FRAMINGS = [
    ([], b""), ([("Content-Length", "0")], b""), ([("Transfer-Encoding", "chunked")], b"0\r\n\r\n"),
    ([("Content-Length", "3")], b"abc"),
]


def token_lifetimes(imds):
    "PUT /latest/api/token takes 1 to 21600 seconds and echoes them"
    for seconds in ["1", "21600"]:
        answer = imds.ask("PUT", imds.TOKEN, [(imds.TTL, seconds)])
        check(answer.status == 200 and answer.text and answer.header(imds.TTL) == seconds, answer)
        check(answer.header("Content-Type").startswith("text/plain"), answer)
        check("no-store" in answer.header("Cache-Control"), answer)


def token_lifetime_unfit(imds):
    "PUT /latest/api/token with an unfit lifetime is 400 with a body, never a status that SDKs read as IMDSv1"
    unfit = [[(imds.TTL, seconds)] for seconds in UNFIT_LIFETIMES]
    for headers in [*unfit, [], [(imds.TTL, "60"), (imds.TTL, "60")]]:
        imds.check_refusal(imds.ask("PUT", imds.TOKEN, headers), 400)


def token_forwarded(imds):
    "PUT /latest/api/token with X-Forwarded-For is 403 with a body, also with an empty one"
    for value in ["1.2.3.4", ""]:
        imds.check_refusal(imds.ask("PUT", imds.TOKEN, [(imds.TTL, "60"), ("X-Forwarded-For", value)]), 403)


def token_elsewhere(imds):
    "Tokens are made at /latest/api/token only: a slash behind or another version is 403 with a body"
    for path in ["/latest/api/token/", "/2021-01-03/api/token"]:
        imds.check_refusal(imds.ask("PUT", path, [(imds.TTL, "60")]), 403)


def token_slashes(imds):
    "PUT //latest/api/token, from an endpoint with a trailing slash, makes a token"
    answer = imds.ask("PUT", "/" + imds.TOKEN, [(imds.TTL, "60")])
    check(answer.status == 200 and answer.text, answer)


def token_methods(imds):
    "Another method at /latest/api/token is 405 with Allow: PUT and a body"
    for method in ["GET", "POST", "DELETE", "OPTIONS", "PATCH"]:
        answer = imds.ask(method, imds.TOKEN, [(imds.TTL, "60")])
        check("PUT" in answer.header("Allow"), answer)
        imds.check_refusal(answer, 405)


def token_bodies(imds):
    "A PUT with a length, without, or with an empty chunked body leaves the connection usable"
    with imds.connection() as connection:
        for headers, body in FRAMINGS:
            answer = imds.ask("PUT", imds.TOKEN, [(imds.TTL, "60")] + headers, body, over=connection)
            check(answer.status == 200, answer)
        check(imds.get("/", over=connection).status == 200, answer)


def token_expired(imds):
    "A token is good as long as it was made for, tells what is left of that, and is 401 with a body afterwards"
    short, long = imds.token(1), imds.token(60)
    time.sleep(2.1)
    imds.check_refusal(imds.ask("GET", imds.secret, [(imds.HEADER, short)]), 401)
    answer = imds.ask("GET", imds.secret, [(imds.HEADER, long)])
    check(answer.status == 200 and 0 < int(answer.header(imds.TTL)) < 60, answer)


def token_flood(imds):
    "The first of many tokens stays good"
    first = imds.token()
    with imds.connection() as connection:
        for _ in range(500):
            answer = imds.ask("PUT", imds.TOKEN, [(imds.TTL, "21600")], over=connection)
            check(answer.status == 200, answer)
    check(imds.ask("GET", imds.secret, [(imds.HEADER, first)]).status == 200, answer)


def token_length(imds):
    "A token is as long as 256 random bits, at least"
    assert len(imds.token()) >= SAFE_LENGTH, len(imds.token())


def unauthorized(imds):
    "Without a token, or with one that was never made, everything is 401 with a body"
    for path in ["/latest/meta-data/", imds.CREDENTIALS, imds.secret, "/latest/dynamic/instance-identity/document"]:
        imds.check_refusal(imds.ask("GET", path), 401)
        for token in altered(imds.token()):
            imds.check_refusal(imds.ask("GET", path, [(imds.HEADER, token)]), 401)


CASES = [
    token_lifetimes, token_lifetime_unfit, token_forwarded, token_elsewhere, token_slashes, token_methods, token_bodies,
    token_expired, token_flood, token_length, unauthorized,
]
