#!/usr/bin/env python3
"""Judges any endpoint that plays the EC2 instance metadata service or the ECS/EKS container credentials endpoint, by what SDKs
need of it. Needs nothing but Python 3; knows nothing of what it judges. Reports in TAP; exits 1 if a case fails."""

import argparse
import sys
import traceback

import attack_cases
import container_cases
import imds_cases
from endpoint import Container, Imds


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="http://HOST:PORT of the endpoint")
    parser.add_argument("role", help="the default role's name")
    parser.add_argument(
        "--token-file", help="the authorization token of the container endpoint; without it the endpoint is taken for IMDS")
    return parser.parse_args()


def endpoint(arguments):
    if arguments.token_file is None:
        return Imds(arguments.url, arguments.role), imds_cases.CASES
    with open(arguments.token_file) as file:
        token = file.read()
    assert token and not token.endswith("\n"), "the token file is empty or has a newline, which botocore refuses"
    return Container(arguments.url, arguments.role, token), container_cases.CASES


def main():
    subject, cases = endpoint(options())
    cases = cases + attack_cases.CASES
    failures = 0
    print(f"TAP version 13\n1..{len(cases)}")
    for number, case in enumerate(cases, 1):
        try:
            case(subject)
            print(f"ok {number} - {case.__doc__}")
        except Exception as problem:
            failures += 1
            place = traceback.extract_tb(problem.__traceback__)[1]
            print(f"not ok {number} - {case.__doc__}\n  ---\n  at: {place.name} line {place.lineno}\n  problem: {problem}\n  ...")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
