#!/usr/bin/env python3
"""Judges any endpoint that plays the EC2 instance metadata service or the ECS/EKS container credentials endpoint, by what SDKs
need of it. Needs nothing but Python 3; knows nothing of what it judges. Reports in TAP, with a SKIP for what it can't judge; exits 1
if a case fails. Takes half a minute."""

import argparse
import sys
import traceback

import container_cases
import habit_cases
import imds_cases
import load_cases
import refusal_cases
import token_cases
import unaskable
from endpoint import Container, Imds, Skipped

BOTH = refusal_cases.CASES + habit_cases.CASES + load_cases.CASES + habit_cases.LAST


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="http://HOST:PORT of the endpoint")
    parser.add_argument("role", help="the default role's name")
    parser.add_argument(
        "--token-file", help="the authorization token of the container endpoint; without it the endpoint is taken for IMDS")
    return parser.parse_args()


def endpoint(arguments):
    """What is judged, and by which cases."""
    if arguments.token_file is None:
        cases = token_cases.CASES + imds_cases.CASES + BOTH + unaskable.IMDS_CASES + unaskable.CASES
        return Imds(arguments.url, arguments.role), cases
    with open(arguments.token_file) as file:
        token = file.read()
    assert token and not token.endswith("\n"), "the token file is empty or has a newline, which botocore refuses"
    cases = container_cases.CASES + BOTH + unaskable.CONTAINER_CASES + unaskable.CASES
    return Container(arguments.url, arguments.role, token), cases


def is_passed(number, case, subject):
    try:
        case(subject)
        print(f"ok {number} - {case.__doc__}", flush=True)
    except Skipped as reason:
        print(f"ok {number} - {case.__doc__} # SKIP {reason}")
    except Exception as problem:
        place = traceback.extract_tb(problem.__traceback__)[1]
        why = f"{problem or type(problem).__name__}".replace("\n", " ")
        print(f"not ok {number} - {case.__doc__}\n  ---\n  at: {place.name} line {place.lineno}\n  problem: {why}\n  ...", flush=True)
        return False
    return True


def main():
    subject, cases = endpoint(options())
    print(f"TAP version 13\n1..{len(cases)}")
    results = [is_passed(number, case, subject) for number, case in enumerate(cases, 1)]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
