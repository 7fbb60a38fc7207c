"""Runs every tool on every face that it knows, all at once, and prints a JSON report. Wants the sandbox's `env`, and IMDS_URL;
arguments restrict it to the tools of those names."""

import concurrent.futures
import importlib
import json
import os
import pathlib
import sys

import case
import issued


def names():
    present = sorted(path.stem for path in (pathlib.Path(__file__).parent / "tools").glob("[!_]*.py"))
    return [name for name in present if name in sys.argv[1:] or not sys.argv[1:]]


def guarded(*arguments):
    """A case that breaks down is a failure of that case, not of the whole matrix."""
    name, face, *_ = arguments
    try:
        return case.run(*arguments)
    except Exception as error:
        return {"tool": importlib.import_module(f"tools.{name}").NAME, "face": face, "keys": 0, "problems": [f"{type(error).__name__}: {error}"]}


def main():
    addresses = {
        "imds": os.environ["IMDS_URL"],
        "container": os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
        "token_file": os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"],
    }
    daemon = issued.Issued(addresses["container"], addresses["token_file"])
    cases = [(name, face) for name in names() for face in importlib.import_module(f"tools.{name}").FACES]
    with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
        reports = list(pool.map(lambda each: guarded(*each, addresses, daemon), cases))
    print(json.dumps(reports))


main()
