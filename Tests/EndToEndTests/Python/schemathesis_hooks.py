"""Loaded by schemathesis: adds the cases of the file that DESCRIBED_CASES names, which are by `operationId`, to those that it makes up
itself. Only there do an id, a hash or an entity tag, and the state that they want, come together."""

import json
import os
import pathlib

import schemathesis

CASES = json.loads(pathlib.Path(os.environ["DESCRIBED_CASES"]).read_text())


@schemathesis.hook
def before_add_examples(context, examples):
    operation = context.operation
    for case in CASES.get(operation.definition.raw["operationId"], []):
        media_type = "application/json" if "body" in case else None
        examples.append(operation.Case(**case, media_type=media_type))
