"""Container credentials, as ECS, EKS and their clients have them."""

import json

from endpoint import DATE, check, keys


def credentials(container):
    "Credentials are JSON with every key that some SDK wants"
    for path in [f"/role/{container.role}", f"/role/{container.role}/", f"/role/{container.role}?query=1"]:
        answer = container.get(path)
        check(answer.status == 200 and answer.header("Content-Type").startswith("application/json"), answer)
        found = keys(answer)
        for name in ["RoleArn", "AccessKeyId", "SecretAccessKey", "Token", "Expiration", "AccountId"]:
            assert found.get(name), f"{name} is missing"
        assert found["Code"] == "Success" and found["Type"] == "AWS-HMAC" and DATE.match(found["LastUpdated"])
        assert DATE.match(found["Expiration"]), found["Expiration"]
        check("no-store" in answer.header("Cache-Control"), answer)


def default_role(container):
    "The default role answers at / and at /v1/credentials"
    for path in ["/", "/v1/credentials"]:
        check(container.get(path).status == 200, container.get(path))


def role_arn(container):
    "A role can be named by its ARN, whose path has slashes"
    arn = keys(container.get(f"/role/{container.role}"))["RoleArn"]
    answer = container.get(f"/role-arn/{arn}")
    check(answer.status == 200, answer)
    assert keys(answer)["RoleArn"] == arn


def unauthorized(container):
    "Without the token, or with another one, it is 401 or 403 with code and message"
    for headers in [[], [("Authorization", "nonsense")], [("Authorization", container.authorization[:-1])]]:
        answer = container.ask("GET", f"/role/{container.role}", headers)
        check(answer.status in (401, 403), answer)
        error(answer)


def unknown(container):
    "An unknown role or path is 404 with code and message"
    for path in ["/role/no-such-role", "/nothing", "/role/", "/v1/nothing"]:
        answer = container.get(path)
        check(answer.status == 404, answer)
        error(answer)


def methods(container):
    "Other methods are 405 with Allow, and HEAD is GET without the body"
    for method in ["POST", "PUT", "DELETE"]:
        answer = container.get(f"/role/{container.role}", method=method)
        check(answer.status == 405 and "GET" in answer.header("Allow"), answer)
    check(container.get(f"/role/{container.role}", method="HEAD").status == 200, container.get("/"))


def error(answer):
    """SDKs print this body to people."""
    body = json.loads(answer.text)
    assert body["code"] and body["message"] and "\n" not in body["message"], body


CASES = [credentials, default_role, role_arn, unauthorized, unknown, methods]
