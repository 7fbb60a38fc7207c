"""The process of one client: for each line on standard input it uses AWS once, and says how that went as a line of JSON."""

import importlib
import json
import os
import sys
import traceback

import task


def main():
    answers = os.fdopen(os.dup(1), "w")
    # Libraries may print what they like; standard output is for the answers.
    os.dup2(2, 1)
    use = None
    for _ in sys.stdin:
        try:
            use = use or connect()
            use()
            answer = {"problem": None}
        except Exception as error:
            traceback.print_exc()
            answer = {"problem": f"{type(error).__name__}: {error}"[:600]}
        print(json.dumps(answer), file=answers, flush=True)


def connect():
    mine = task.Task.from_environment()
    return importlib.import_module(f"tools.{mine.tool}").connect(mine)


main()
