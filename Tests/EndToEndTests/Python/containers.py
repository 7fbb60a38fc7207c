"""Runs stsbrokerd as the recipes for containers do, with their very variables, users and health checks, with a token file that is
rotated, and boto3 as the program beside it: containers.py FOLDER. Run it as root. Ends at the first surprise."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import container_recipes
import sandbox_control
from container_runs import Image, Pod

if "HOST" not in os.environ:
    os.execvpe("unshare", ["unshare", "--net", sys.executable, "-B", *sys.argv], os.environ | {"HOST": "made"})

SCRATCH = pathlib.Path(sys.argv[1])
STATE = SCRATCH / "state"
SESSION = "arn:aws:sts::111122223333:assumed-role/stsbroker-readonly/"
TOKENS = []


def awaited(condition, what):
    until = time.monotonic() + 60
    while not (result := condition()):
        assert time.monotonic() < until, what()
        time.sleep(0.2)
    return result


def sandbox():
    """An identity provider, STS and broker; its own daemon is not used."""
    process = subprocess.Popen(["stsbroker-sandbox", "--state-dir", STATE], stdout=subprocess.DEVNULL)
    awaited((STATE / "sandbox.json").exists, lambda: f"no sandbox: {process.poll()}")
    return process, json.loads((STATE / "sandbox.json").read_text())


def token(user, **wishes):
    text = sandbox_control.call("POST", "/tokens", {"user": user} | wishes)["id_token"]
    TOKENS.append(text)
    return text


def pod(image, recipe, facts, **more):
    """With the recipe's settings, but for the broker's address and the name of the policy there."""
    roles = recipe.settings["STSBROKERD_ROLES"]
    roles = roles.replace("policy: app", "policy: readonly").replace('"policy": "app"', '"policy": "readonly"')
    assert "readonly" in roles
    return Pod(image, recipe, SCRATCH, {"STSBROKERD_BROKER_URL": facts["broker_url"], "STSBROKERD_ROLES": roles} | more)


def is_unhealthy(pod):
    """While nobody runs it."""
    status, problem = pod.health()
    assert status == 1 and "No answer from app (127.0.0.1:9912), control (/run/stsbrokerd/control.sock)" in problem, problem


def becomes_healthy(pod):
    def healthy():
        assert pod.process.poll() is None, pod.log.read_text()
        return pod.health() == (0, "")

    awaited(healthy, lambda: (pod.health(), pod.log.read_text()))


def acts_as(pod, facts, user):
    """Until the program's credentials are that user's."""
    awaited(
        lambda: pod.boto3(facts["sts_url"]).stdout.strip() == SESSION + user,
        lambda: (pod.boto3(facts["sts_url"]), pod.log.read_text()))


def says_what_is_wrong_with_the_token(pod, facts):
    """To whoever uses an SDK, and in the log."""
    file = f"{pod.recipe.identity}/token"
    for content, problem in [
        (None, f"The token file {file} does not exist; put the workload's token there."),
        ("garbage", f"The token file {file} holds no JWT with sub and exp; check what writes it."),
        (token("developer", lifetime_seconds=-60), f"The token file {file} holds a token that expired at "),
        (token("developer", audience="another"), f"The broker refuses the token in {file}; check its issuer and audience"),
    ]:
        if content:
            pod.put_token(content)
        awaited(lambda: problem in pod.boto3(facts["sts_url"]).stderr, lambda: (problem, pod.boto3(facts["sts_url"])))
    assert pod.health() == (0, ""), "a token is nothing that a restart would mend"


def keeps_others_out(pod):
    file = pod.recipe.program_settings["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]
    own = pod.as_program("cat", file)
    assert len(own.stdout) == 43, own
    assert not pod.as_program("cat", file, user=1001).stdout
    # The control socket is in the same volume; the identity is none of the program's business.
    curl = ["curl", "-s", "--noproxy", "*", "-m", "20"]
    socket = [*curl, "--unix-socket", "/run/stsbrokerd/control.sock", "http://localhost/v1/id-token"]
    answer = pod.as_program(*socket)
    assert "SignInRequired" in answer.stdout, answer
    url = pod.recipe.program_settings["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
    answer = pod.as_program(*curl, "-H", f"Authorization: {own.stdout}", url, user=1001)
    assert "CallerNotAllowed" in answer.stdout, answer
    answer = pod.as_program(*curl, url)
    assert "InvalidAuthorizationToken" in answer.stdout, answer


def keeps_serving_after_the_signal(pod, facts, user):
    """Others, who got the same signal, may end first; a second one cuts that short."""
    pod.signal(signal.SIGTERM)
    awaited(lambda: "stopping later" in pod.log.read_text(), pod.log.read_text)
    assert pod.health() == (0, "")
    acts_as(pod, facts, user)
    pod.signal(signal.SIGTERM)
    assert pod.process.wait(60) == 0, pod.log.read_text()


def goes_at_once(pod):
    pod.signal(signal.SIGTERM)
    assert pod.process.wait(60) == 0, pod.log.read_text()
    assert not list(pod.run.glob("**/*1000")) and not list(pod.run.glob("*.sock")), list(pod.run.glob("**/*"))


subprocess.run(["ip", "link", "set", "dev", "lo", "up"], check=True)
SCRATCH.chmod(0o711)
process, facts = sandbox()
try:
    os.environ["STSBROKER_SANDBOX_URL"] = facts["control_url"]
    image = Image(SCRATCH)
    composed = pod(image, container_recipes.compose(), facts, STSBROKERD_SHUTDOWN_DELAY="1h")
    is_unhealthy(composed)
    with composed.running():
        becomes_healthy(composed)
        says_what_is_wrong_with_the_token(composed, facts)
        composed.put_token(token("developer"))
        acts_as(composed, facts, "developer")
        keeps_others_out(composed)
        composed.put_token(token("operator") + "\n")
        acts_as(composed, facts, "operator")
        keeps_serving_after_the_signal(composed, facts, "operator")
        assert "workload token read" in composed.log.read_text()
        assert not [each for each in TOKENS if each in composed.log.read_text()]
    for recipe in (container_recipes.ecs(), container_recipes.kubernetes()):
        with pod(image, recipe, facts).running() as other:
            other.put_token(token("developer"))
            becomes_healthy(other)
            acts_as(other, facts, "developer")
            goes_at_once(other)
finally:
    process.terminate()
    process.wait(60)
