"""Container credentials, as ECS, EKS and their clients have them."""

from endpoint import DATE, SAFE_LENGTH, altered, check, keys


def credentials(container):
    "Credentials are JSON with every key that some SDK wants"
    for path in [container.secret, container.secret + "/", container.secret + "?query=1"]:
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
        answer = container.get(path)
        check(answer.status == 200 and keys(answer)["RoleArn"] == container.credentials()["RoleArn"], answer)


def role_arn(container):
    "A role can be named by its ARN, whose path has slashes"
    arn = container.credentials()["RoleArn"]
    answer = container.get(f"/role-arn/{arn}")
    check(answer.status == 200, answer)
    assert keys(answer)["RoleArn"] == arn
    container.check_refusal(container.get(f"/role-arn/{arn}/more"), 404)


def unauthorized(container):
    "Without the token, or with another one, it is 401 or 403 with code and message"
    for path in [container.secret, "/", "/v1/credentials"]:
        container.check_refusal(container.ask("GET", path), 401, 403)
        for token in altered(container.authorization):
            container.check_refusal(container.ask("GET", path, [("Authorization", token)]), 401, 403)


def token_length(container):
    "The token is as long as 256 random bits, at least"
    assert len(container.authorization) >= SAFE_LENGTH, len(container.authorization)


def unknown(container):
    "An unknown role or path is 404 with code and message"
    for path in ["/role/no-such-role", "/nothing", "/role/", "/v1/nothing"]:
        container.check_refusal(container.get(path), 404)


def methods(container):
    "Other methods are 405 with Allow, code and message, and HEAD is GET without the body"
    for method in ["POST", "PUT", "DELETE"]:
        answer = container.get(container.secret, method=method)
        check("GET" in answer.header("Allow"), answer)
        container.check_refusal(answer, 405)
    check(container.get(container.secret, method="HEAD").status == 200, container.get("/"))


CASES = [credentials, default_role, role_arn, unauthorized, token_length, unknown, methods]
