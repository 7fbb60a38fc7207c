"""schemathesis against running brokers, one that files govern and one that the API governs: no status, media type, header or body that their
own description doesn't have, no 500, and of every operation a success. Wants the sandbox's `env`. Ends at the first surprise."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import sandbox_control
import yaml
from own_broker import STATE, OwnBroker, free_port, token
from prepared_cases import cases_of_administrator, cases_of_approver, cases_of_developer
from prometheus_client.parser import text_string_to_metric_families

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,"
    "ignored_auth")


class DescribedBroker(OwnBroker):
    """Counts its answers, and keeps of which operations schemathesis has had a success."""

    def __init__(self, folder, settings):
        folder.mkdir()
        self.metrics = f"127.0.0.1:{free_port()}"
        self.reached = set()
        super().__init__(folder, settings | {"metrics": {"address": self.metrics}})

    def document(self):
        with sandbox_control.OPENER.open(f"{self.url}/openapi.yaml") as answer:
            return yaml.safe_load(answer.read())

    def successes(self):
        """How often each operation, by method and path, was answered with 2xx."""
        with sandbox_control.OPENER.open(f"http://{self.metrics}/metrics") as answer:
            families = list(text_string_to_metric_families(answer.read().decode()))
        counts = {}
        for sample in (each for family in families for each in family.samples if each.name == "stsbroker_http_requests_total"):
            if sample.labels["status"].startswith("2"):
                operation = (sample.labels["method"], sample.labels["route"])
                counts[operation] = counts.get(operation, 0) + sample.value
        return counts

    def run(self, user, cases, ids, seed, *options):
        """With these cases, and otherwise with `ids` of policies, which are all that there will be: others get no further than 404."""
        document = self.document()
        document["components"]["schemas"]["PolicyID"] = {"enum": ids}
        described, prepared = self.file.with_name("openapi.json"), self.file.with_name("cases.json")
        described.write_text(json.dumps(document))
        prepared.write_text(json.dumps(cases))
        command = [
            pathlib.Path(sys.executable).with_name("schemathesis"), "run", described, "--url", self.url, "--checks", CHECKS,
            "--seed", str(seed), "--phases", "examples,coverage,fuzzing", "--warnings", "off", "--no-color", "--header",
            f"Authorization: Bearer {token(user)}", "--generation-database", "none", *options]
        hooks = pathlib.Path(__file__).with_name("schemathesis_hooks.py")
        environment = os.environ | {"SCHEMATHESIS_HOOKS": str(hooks), "DESCRIBED_CASES": str(prepared)}
        # What has prepared the cases doesn't count.
        before = self.successes()
        result = subprocess.run(command, capture_output=True, text=True, cwd=self.file.parent, env=environment)
        assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]
        self.reached |= {operation for operation, count in self.successes().items() if count > before.get(operation, 0)}
        assert "request failed unexpectedly" not in self.log.read_text(), self.log.read_text()


def governed_by_files(folder, settings):
    broker = DescribedBroker(folder, settings)
    try:
        ids, most = ["developer", "readonly", "admin"], ["--max-examples", "40"]
        # The approver first: the developer cancels whatever waits.
        broker.run("approver", cases_of_approver(broker), ids, 0, *most)
        broker.run("developer", cases_of_developer(broker), ids, 1, *most)
        return broker.document(), broker.reached
    finally:
        broker.kill()


def governed_by_api(folder, settings):
    broker = DescribedBroker(folder, settings | {"policies": {"managed_by": "api"}})
    try:
        cases = cases_of_administrator(broker)
        ids = sorted({case["path_parameters"]["id"] for prepared in cases.values() for case in prepared})
        broker.run("approver", cases, ids, 2, "--include-tag", "administration", "--max-examples", "20")
        return broker.reached
    finally:
        broker.kill()


def main(folder):
    # A mail server that is down: what is to be told must not matter.
    people = {"name": "people", "smtp": {"server": "127.0.0.1:1", "tls": "none", "from": "stsbroker@example.com"}}
    aws = yaml.safe_load((STATE / "stsbroker-server.yaml").read_text())["aws"]
    settings = {
        "administrators": ["security"],
        "aws": aws | {"web_identity": {"issuer": "https://broker.example.com"}},
        "limits": {
            "requests_per_second": 100_000, "address_requests_per_second": 100_000, "failed_sign_ins_per_minute": 100_000},
        "notifications": {"targets": [people], "requesters": {"email": "people"}}}
    document, reached = governed_by_files(folder / "files", settings)
    written = governed_by_api(folder / "api", settings)
    operations = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    # Where files govern, whoever writes a policy or a team is told so.
    assert not {operation for operation in reached if operation[0] in ("PUT", "DELETE")}, reached
    missed = operations - reached - written
    assert not missed, missed


with tempfile.TemporaryDirectory() as scratch:
    main(pathlib.Path(scratch))
