"""EC2 instance metadata, as the real service and its clients have it."""

import json

from endpoint import DATE, check, keys

UNFIT_LIFETIMES = ["0", "-1", "21601", "x", "", "1.5", "99999999999999999999"]


def token_lifetimes(imds):
    "PUT /latest/api/token takes 1 to 21600 seconds and echoes them"
    for seconds in ["1", "21600"]:
        answer = imds.ask("PUT", imds.TOKEN, [(imds.TTL, seconds)])
        check(answer.status == 200 and answer.text and answer.header(imds.TTL) == seconds, answer)
        check(answer.header("Content-Type").startswith("text/plain"), answer)


def token_lifetime_unfit(imds):
    "PUT /latest/api/token with an unfit lifetime is 400, never a status that SDKs read as IMDSv1"
    for seconds in UNFIT_LIFETIMES:
        check(imds.ask("PUT", imds.TOKEN, [(imds.TTL, seconds)]).status == 400, imds.ask("PUT", imds.TOKEN))
    repeated = imds.ask("PUT", imds.TOKEN, [(imds.TTL, "60"), (imds.TTL, "60")])
    check(repeated.status == 400, repeated)
    check(imds.ask("PUT", imds.TOKEN).status == 400, repeated)


def token_forwarded(imds):
    "PUT /latest/api/token with X-Forwarded-For is 403, also with an empty one"
    for value in ["1.2.3.4", ""]:
        answer = imds.ask("PUT", imds.TOKEN, [(imds.TTL, "60"), ("X-Forwarded-For", value)])
        check(answer.status == 403, answer)


def token_elsewhere(imds):
    "Tokens are made at /latest/api/token only: a slash behind or another version is 403"
    for path in ["/latest/api/token/", "/2021-01-03/api/token"]:
        answer = imds.ask("PUT", path, [(imds.TTL, "60")])
        check(answer.status == 403, answer)


def token_methods(imds):
    "Another method at /latest/api/token is 405 with Allow: PUT"
    for method in ["GET", "POST", "DELETE"]:
        answer = imds.ask(method, imds.TOKEN, [(imds.TTL, "60")])
        check(answer.status == 405 and "PUT" in answer.header("Allow"), answer)


def token_bodies(imds):
    "A PUT with a length, without, or with an empty chunked body leaves the connection usable"
    with imds.connection() as connection:
        host = ("Host", f"{imds.host}:{imds.port}")
        for headers, body in [
            ([], b""), ([("Content-Length", "0")], b""), ([("Transfer-Encoding", "chunked")], b"0\r\n\r\n"),
            ([("Content-Length", "3")], b"abc"),
        ]:
            answer = connection.ask("PUT", imds.TOKEN, [host, (imds.TTL, "60")] + headers, body)
            check(answer.status == 200, answer)


def unauthorized(imds):
    "Without a token, or with one that was never made, everything is 401"
    for path in ["/latest/meta-data/", imds.CREDENTIALS, "/latest/dynamic/instance-identity/document"]:
        for headers in [[], [(imds.HEADER, "nonsense")], [(imds.HEADER, "")], [(imds.HEADER, imds.token()[:-1] + "!")]]:
            answer = imds.ask("GET", path, headers)
            check(answer.status == 401 and answer.body, answer)


def role_list(imds):
    "The role list is the role's name, with and without a slash, without a newline and without a redirect"
    for path in [imds.CREDENTIALS, imds.CREDENTIALS.rstrip("/"), imds.CREDENTIALS.replace("credentials/", "credentials-extended/")]:
        answer = imds.get(path)
        check(answer.status == 200 and answer.text == imds.role, answer)


def credentials(imds):
    "Credentials have the real service's keys in its order, and dates that every SDK parses"
    expected = ["Code", "LastUpdated", "Type", "AccessKeyId", "SecretAccessKey", "Token", "Expiration"]
    for prefix in ["/latest", "/2009-04-04", "/1.0", "//latest"]:
        answer = imds.get(imds.CREDENTIALS.replace("/latest", prefix, 1) + imds.role)
        check(answer.status == 200, answer)
        found = keys(answer)
        assert list(found) == expected, list(found)
        assert found["Code"] == "Success" and found["Type"] == "AWS-HMAC", (found["Code"], found["Type"])
        assert DATE.match(found["Expiration"]) and DATE.match(found["LastUpdated"]), found["Expiration"]
        assert all(found.values()), "an empty value"
        check("no-store" in answer.header("Cache-Control"), answer)


def credentials_extended(imds):
    "security-credentials-extended has the same and AccountId"
    answer = imds.get(imds.CREDENTIALS.replace("credentials/", "credentials-extended/") + imds.role)
    check(answer.status == 200, answer)
    assert "AccountId" in keys(answer), list(keys(answer))


def unknown_role(imds):
    "An unknown role is 404, without keys and without the role's name"
    answer = imds.get(imds.CREDENTIALS + "no-such-role")
    check(answer.status == 404 and answer.body, answer)
    assert "AccessKeyId" not in answer.text and imds.role not in answer.text


def encoded_role(imds):
    "A role's name may be percent-encoded once"
    encoded = "".join(f"%{byte:02X}" for byte in imds.role.encode())
    check(imds.get(imds.CREDENTIALS + encoded).status == 200, imds.get(imds.CREDENTIALS + encoded))


def headers(imds):
    "Answers look like the real service's: Server, Accept-Ranges, Last-Modified, Date, Content-Length"
    answer = imds.get(imds.CREDENTIALS + imds.role)
    check(answer.header("Server") == "EC2ws" and answer.header("Accept-Ranges") == "none", answer)
    for name in ["Last-Modified", "Date"]:
        check(answer.header(name).endswith(" GMT"), answer)
    check(0 < int(answer.header(imds.TTL)) <= 21600, answer)


def head(imds):
    "HEAD is GET without the body"
    for path in ["/latest/meta-data/", imds.CREDENTIALS + imds.role]:
        with_body = imds.get(path)
        answer = imds.get(path, method="HEAD")
        check(answer.status == 200 and answer.header("Content-Length") == with_body.header("Content-Length"), answer)


def methods(imds):
    "Other methods are 405 with Allow"
    for method in ["POST", "PUT", "DELETE", "OPTIONS"]:
        answer = imds.get("/latest/meta-data/", method=method)
        check(answer.status == 405 and "GET" in answer.header("Allow"), answer)


def listings(imds):
    "Listings are sorted, one name a line, and directories end in a slash"
    for path, names in {
        "/latest/meta-data/": {"iam/", "instance-id", "placement/"}, "/latest/meta-data/iam/": {"info", "security-credentials/"},
        "/latest/meta-data/placement/": {"availability-zone", "region"}, "/latest/dynamic/": {"instance-identity/"},
        "/latest/": {"dynamic/", "meta-data/"}, "/": {"latest"},
    }.items():
        answer = imds.get(path)
        lines = answer.text.split("\n")
        check(answer.status == 200 and names <= set(lines) and lines == sorted(lines), answer)


def facts(imds):
    "instance-id, region and availability zone answer, the zone also with a slash"
    region = imds.get("/latest/meta-data/placement/region").text
    zone = imds.get("/latest/meta-data/placement/availability-zone/")
    check(zone.status == 200 and zone.text.startswith(region), zone)
    check(imds.get("/latest/meta-data/instance-id").text.startswith("i-"), zone)


def identity_document(imds):
    "The identity document has the real one's keys"
    document = json.loads(imds.get("/latest/dynamic/instance-identity/document").text)
    assert {
        "accountId", "architecture", "availabilityZone", "billingProducts", "devpayProductCodes", "marketplaceProductCodes",
        "imageId", "instanceId", "instanceType", "kernelId", "pendingTime", "privateIp", "ramdiskId", "region", "version",
    } == set(document), sorted(document)
    assert document["version"] == "2017-09-30"


def instance_profile(imds):
    "iam/info has what .NET asks for"
    info = json.loads(imds.get("/latest/meta-data/iam/info").text)
    assert set(info) == {"Code", "LastUpdated", "InstanceProfileArn", "InstanceProfileId"}, sorted(info)


def not_found(imds):
    "Unknown paths are 404 with a body that is not empty"
    for path in ["/latest/meta-data/nothing", "/latest/nothing", "/nothing/meta-data/", "/latest/meta-data/..%2f"]:
        answer = imds.get(path)
        check(answer.status == 404 and answer.body, answer)


CASES = [
    token_lifetimes, token_lifetime_unfit, token_forwarded, token_elsewhere, token_methods, token_bodies, unauthorized,
    role_list, credentials, credentials_extended, unknown_role, encoded_role, headers, head, methods, listings, facts,
    identity_document, instance_profile, not_found,
]
