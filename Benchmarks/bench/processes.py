"""What a process and its children have used, as /proc tells (proc(5)), and how they are ended."""

import contextlib
import os
import pathlib
import re
import subprocess
import sys


def family(pid):
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def processor_seconds(pid):
    total = 0
    for one in family(pid):
        # The name in parentheses may have blanks; behind it, utime and stime are fields 14 and 15.
        fields = pathlib.Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def memory(pid):
    """Megabytes (of a million bytes): resident; proportional, which counts shared pages once; and of no file."""
    names = {"Rss": 0, "Pss": 0, "Anonymous": 0}
    for one in family(pid):
        text = pathlib.Path(f"/proc/{one}/smaps_rollup").read_text()
        for name in names:
            names[name] += int(re.search(rf"^{name}:\s+(\d+) kB", text, re.M)[1]) * 1024 / 1e6
    return names


@contextlib.contextmanager
def running(command, **options):
    """The process while the block runs; its standard error is ours unless said otherwise."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, **options)
    try:
        yield process
        if process.poll() is not None:
            sys.exit(f"{command[0]} ended with {process.returncode}")
    finally:
        process.terminate()
        process.wait(30)
