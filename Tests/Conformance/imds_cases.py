"""EC2 instance metadata, as the real service and its clients have it."""

import json

from endpoint import DATE, HTTP_DATE, check, keys


def role_list(imds):
    "The role list is the role's name, with and without a slash, without a newline and without a redirect"
    for path in [imds.CREDENTIALS, imds.CREDENTIALS.rstrip("/"), imds.EXTENDED, imds.EXTENDED.rstrip("/")]:
        answer = imds.get(path)
        check(answer.status == 200 and answer.text == imds.role, answer)


def credentials(imds):
    "Credentials have the real service's keys in its order, and dates that every SDK parses"
    expected = ["Code", "LastUpdated", "Type", "AccessKeyId", "SecretAccessKey", "Token", "Expiration"]
    for prefix in ["/latest", "/2009-04-04", "/1.0", "/2021-01-03", "//latest"]:
        answer = imds.get(imds.secret.replace("/latest", prefix, 1))
        check(answer.status == 200, answer)
        found = keys(answer)
        assert list(found) == expected, list(found)
        assert found["Code"] == "Success" and found["Type"] == "AWS-HMAC", (found["Code"], found["Type"])
        assert DATE.match(found["Expiration"]) and DATE.match(found["LastUpdated"]), found["Expiration"]
        assert all(found.values()), "an empty value"
        check("no-store" in answer.header("Cache-Control"), answer)


def credentials_extended(imds):
    "security-credentials-extended has the same and AccountId"
    answer = imds.get(imds.EXTENDED + imds.role)
    check(answer.status == 200 and "no-store" in answer.header("Cache-Control"), answer)
    found = keys(answer)
    assert found.pop("AccountId", None), "no AccountId"
    assert list(found) == list(imds.credentials()) and found["Code"] == "Success", list(found)


def one_connection(imds):
    "Token, role list and credentials come over one connection, as SDKs ask for them"
    with imds.connection() as connection:
        token = imds.ask("PUT", imds.TOKEN, [(imds.TTL, "21600")], over=connection).text
        name = imds.ask("GET", imds.CREDENTIALS, [(imds.HEADER, token)], over=connection).text
        answer = imds.ask("GET", imds.CREDENTIALS + name, [(imds.HEADER, token)], over=connection)
        check(answer.status == 200 and keys(answer)["Code"] == "Success", answer)


def unknown_role(imds):
    "An unknown role is 404, without keys and without the role's name"
    for path in [imds.CREDENTIALS, imds.EXTENDED]:
        answer = imds.get(path + "no-such-role")
        imds.check_refusal(answer, 404)
        assert "AccessKeyId" not in answer.text and imds.role not in answer.text


def encoded_role(imds):
    "A role's name may be percent-encoded once, not twice"
    encoded = "".join(f"%{byte:02X}" for byte in imds.role.encode())
    check(imds.get(imds.CREDENTIALS + encoded).status == 200, imds.get(imds.CREDENTIALS + encoded))
    imds.check_refusal(imds.get(imds.CREDENTIALS + encoded.replace("%", "%25")), 404)


def headers(imds):
    "Answers look like the real service's: Server, Content-Type, Accept-Ranges, Last-Modified, Date, Content-Length"
    for path in [imds.secret, imds.CREDENTIALS, "/latest/meta-data/", "/latest/meta-data/instance-id"]:
        answer = imds.get(path)
        check(answer.header("Server") == "EC2ws" and answer.header("Accept-Ranges") == "none", answer)
        check(answer.header("Content-Type").startswith("text/plain"), answer)
        for name in ["Last-Modified", "Date"]:
            check(HTTP_DATE.match(answer.header(name)), answer)
        check(0 < int(answer.header(imds.TTL)) <= 21600, answer)


def head(imds):
    "HEAD is GET without the body"
    for path in ["/latest/meta-data/", imds.secret]:
        with_body = imds.get(path)
        answer = imds.get(path, method="HEAD")
        check(answer.status == 200 and answer.header("Content-Length") == with_body.header("Content-Length"), answer)


def methods(imds):
    "Other methods are 405 with Allow and a body"
    for path in ["/latest/meta-data/", imds.secret]:
        for method in ["POST", "PUT", "DELETE", "OPTIONS"]:
            answer = imds.get(path, method=method)
            check("GET" in answer.header("Allow"), answer)
            imds.check_refusal(answer, 405)


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
    region = imds.get("/latest/meta-data/placement/region")
    check(region.status == 200 and region.text, region)
    for path in ["/latest/meta-data/placement/availability-zone", "/latest/meta-data/placement/availability-zone/"]:
        zone = imds.get(path)
        check(zone.status == 200 and zone.text.startswith(region.text), zone)
    check(imds.get("/latest/meta-data/instance-id").text.startswith("i-"), zone)


def identity_document(imds):
    "The identity document has the real one's keys"
    document = json.loads(imds.get("/latest/dynamic/instance-identity/document").text)
    assert {
        "accountId", "architecture", "availabilityZone", "billingProducts", "devpayProductCodes", "marketplaceProductCodes",
        "imageId", "instanceId", "instanceType", "kernelId", "pendingTime", "privateIp", "ramdiskId", "region", "version",
    } == set(document), sorted(document)
    assert document["version"] == "2017-09-30"
    assert document["region"] == imds.get("/latest/meta-data/placement/region").text
    assert "" not in document.values(), "what is unknown is null"


def instance_profile(imds):
    "iam/info has what .NET asks for"
    info = json.loads(imds.get("/latest/meta-data/iam/info").text)
    assert set(info) == {"Code", "LastUpdated", "InstanceProfileArn", "InstanceProfileId"}, sorted(info)
    assert info["Code"] == "Success" and DATE.match(info["LastUpdated"]), info


def not_found(imds):
    "Unknown paths are 404 with a body that is not empty"
    for path in ["/latest/meta-data/nothing", "/latest/nothing", "/nothing/meta-data/", "/latest/meta-data/..%2f"]:
        imds.check_refusal(imds.get(path), 404)


CASES = [
    role_list, credentials, credentials_extended, one_connection, unknown_role, encoded_role, headers, head, methods, listings,
    facts, identity_document, instance_profile, not_found,
]
