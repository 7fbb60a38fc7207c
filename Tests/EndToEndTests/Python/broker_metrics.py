"""Health and metrics of a broker, as Prometheus and a load balancer see them. Ends at the first surprise."""

import json
import pathlib
import sqlite3
import tempfile
import urllib.error
import urllib.request

import sandbox_control
from own_broker import OwnBroker, awaited, free_port
from prometheus_client.parser import text_string_to_metric_families

DOCUMENT = pathlib.Path(__file__).resolve().parents[3] / "docs" / "metrics.md"


def fetched(url):
    """Status, media type and text."""
    try:
        with sandbox_control.OPENER.open(url) as answer:
            return answer.status, answer.headers["content-type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["content-type"], error.read().decode()


def metrics(url):
    status, media_type, text = fetched(f"{url}/metrics")
    assert (status, media_type) == (200, "text/plain; version=0.0.4; charset=utf-8"), (status, media_type)
    assert text.endswith("\n")
    return {family.name: family for family in text_string_to_metric_families(text)}


def value(families, sample, **labels):
    found = [each.value for family in families.values() for each in family.samples
             if each.name == sample and labels.items() <= each.labels.items()]
    return sum(found)


def documented():
    """Each metric's name and labels, as the documentation has them."""
    rows = [line.split("|") for line in DOCUMENT.read_text().splitlines() if line.startswith("| `stsbroker_")]
    return {row[1].strip(" `"): {each.strip(" `") for each in row[2].split(",") if each.strip()} for row in rows}


def all_is_said(families):
    rows = documented()
    # A parser leaves the ending of a counter out of the family's name.
    said = {name.removesuffix("_total") for name in rows}
    assert said == set(families), (said ^ set(families))
    for name, labels in rows.items():
        family = families[name.removesuffix("_total")]
        assert family.documentation.strip() and family.type in ("counter", "gauge", "histogram"), family
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == labels, (name, sample)


def histogram_is_whole(family):
    """Buckets only rise, and the last of them is the count."""
    by_labels = {}
    for sample in family.samples:
        key = tuple(sorted((name, text) for name, text in sample.labels.items() if name != "le"))
        by_labels.setdefault(key, []).append(sample)
    assert by_labels
    for samples in by_labels.values():
        buckets = [each.value for each in samples if each.name.endswith("_bucket")]
        [count] = [each.value for each in samples if each.name.endswith("_count")]
        assert buckets == sorted(buckets) and buckets[-1] == count, samples
        assert [each for each in samples if each.labels.get("le") == "+Inf"], samples


def main():
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        broker = OwnBroker(pathlib.Path(folder), {"metrics": {"address": f"127.0.0.1:{port}"}})
        awaited(lambda: broker.call("GET", "/readyz", None) == (200, {"status": "ready"}), "ready")
        assert broker.call("POST", "/v1/credentials", "developer", {"policy": "readonly"})[0] == 200
        assert broker.call("GET", "/v1/policies", None)[0] == 401
        assert broker.call("GET", "/metrics", None)[0] == 404
        before = metrics(url)
        all_is_said(before)
        for name in ("stsbroker_http_request_duration_seconds", "stsbroker_sts_duration_seconds"):
            histogram_is_whole(before[name])
        assert value(before, "stsbroker_issuances_total", outcome="issued") == 1
        assert value(before, "stsbroker_decisions_total", outcome="allow") == 1
        assert value(before, "stsbroker_http_requests_total", route="/v1/policies", status="401") == 1
        assert value(before, "stsbroker_audit_records") >= 3
        assert value(before, "stsbroker_ready") == 3
        assert fetched(f"{url}/healthz")[0] == 200
        status, _, text = fetched(f"{url}/readyz")
        assert (status, json.loads(text)["checks"]) == (200, {"database": "ok", "policies": "ok", "aws_key": "ok"}), text
        assert fetched(f"{url}/v1/policies")[0] == 404

        # Somebody else holds the database: nothing can be written, and so nothing be issued.
        other = sqlite3.connect(pathlib.Path(folder) / "broker.sqlite", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        awaited(lambda: broker.call("GET", "/readyz", None) == (503, {"status": "unavailable"}), "unavailable")
        status, _, text = fetched(f"{url}/readyz")
        assert (status, json.loads(text)["checks"]["database"]) == (503, "failed"), text
        assert fetched(f"{url}/healthz")[0] == 200
        assert value(metrics(url), "stsbroker_ready", check="database") == 0
        other.rollback()
        awaited(lambda: broker.call("GET", "/readyz", None)[0] == 200, "ready again")
        broker.kill()


main()
