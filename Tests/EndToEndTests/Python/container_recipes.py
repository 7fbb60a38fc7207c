"""What the recipes in config/ say of the daemon's container and the program's, in one form for all of them."""

import dataclasses
import pathlib
import re

import yaml

CONFIG = pathlib.Path(__file__).resolve().parents[3] / "config"


@dataclasses.dataclass
class Recipe:
    name: str
    # The daemon's: variables, uid, where the token's folder is, and how its health is asked for.
    settings: dict
    user: int
    identity: str
    health: list
    # The program's: variables, uid, and what its command begins with.
    program_settings: dict
    program_user: int
    prefix: list


def dockerfile():
    """The image's uid, entry point and health check."""
    text = (CONFIG / "container/Dockerfile").read_text().replace("\\\n", " ")
    user = int(re.search(r"^USER (\d+):\d+$", text, re.M).group(1))
    words = [yaml.safe_load(re.search(pattern, text, re.M).group(1)) for pattern in (
        r"^ENTRYPOINT (\[.*\])$", r"^HEALTHCHECK .*CMD (\[.*\])$")]
    return user, *words


def folder_of(settings):
    return str(pathlib.PurePath(settings["STSBROKERD_WORKLOAD_IDENTITY_TOKEN_FILE"]).parent)


def compose():
    user, _, health = dockerfile()
    services = yaml.safe_load((CONFIG / "container/compose.yaml").read_text())["services"]
    daemon, program = services["stsbrokerd"], services["app"]
    assert daemon["read_only"] and program["network_mode"] == "service:stsbrokerd"
    return Recipe(
        "compose", daemon["environment"], user, folder_of(daemon["environment"]), health, program["environment"],
        int(program["user"].partition(":")[0]), [])


class Template(yaml.SafeLoader):
    """CloudFormation's short forms of functions are their arguments."""


Template.add_multi_constructor("!", lambda loader, name, node: loader.construct_scalar(node))


def ecs():
    text = (CONFIG / "container/ecs-task.yaml").read_text()
    [task] = [
        each["Properties"] for each in yaml.load(text, Template)["Resources"].values()
        if each["Type"] == "AWS::ECS::TaskDefinition"]
    containers = {each["Name"]: each for each in task["ContainerDefinitions"]}
    settings, program_settings = (
        {pair["Name"]: pair["Value"] for pair in containers[name]["Environment"]} for name in ("stsbrokerd", "app"))
    daemon, program = containers["stsbrokerd"], containers["app"]
    assert task["NetworkMode"] == "awsvpc" and daemon["ReadonlyRootFilesystem"]
    # What ECS adds in a task with a role.
    program_settings["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/of-the-task-role"
    kind, *health = daemon["HealthCheck"]["Command"]
    assert kind == "CMD", "there is no shell in the image"
    return Recipe(
        "ecs", settings, int(daemon["User"].partition(":")[0]), folder_of(settings), health, program_settings,
        int(program["User"].partition(":")[0]), program["EntryPoint"])


def kubernetes():
    documents = yaml.safe_load_all((CONFIG / "kubernetes/sidecar.yaml").read_text())
    [pod] = [each["spec"]["template"]["spec"] for each in documents if each["kind"] == "Deployment"]
    [daemon], [program] = pod["initContainers"], pod["containers"]
    settings, program_settings = ({pair["name"]: pair["value"] for pair in each["env"]} for each in (daemon, program))
    assert daemon["restartPolicy"] == "Always" and daemon["securityContext"]["readOnlyRootFilesystem"]
    assert daemon["startupProbe"]["exec"] == daemon["livenessProbe"]["exec"]
    return Recipe(
        "kubernetes", settings, daemon["securityContext"]["runAsUser"], folder_of(settings),
        daemon["livenessProbe"]["exec"]["command"], program_settings, program["securityContext"]["runAsUser"], [])


def lint():
    """What judges the form of those that have a judge in this process: the Compose files, strictly."""
    import compose_spec

    for path in (CONFIG / "container").glob("*compose.yaml"):
        parsed = compose_spec.PyCompose.from_yaml(path.read_text())
        parsed.validate()
        parsed.to_spec()


if __name__ == "__main__":
    lint()
