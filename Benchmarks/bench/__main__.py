"""Measures stsbrokerd beside nginx and a C server that answer the same bytes. A measurement, not a test: exits with 0."""

import argparse
import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import allocations
import cold_start
import load
import processes
import report
import servers

SOURCES = pathlib.Path(__file__).resolve().parent.parent


def main():
    arguments = parsed()
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        scratch = pathlib.Path(directory)
        # nginx's worker is another user.
        scratch.chmod(0o711)
        compile_all(arguments.bin, scratch)
        results = measured(arguments, scratch)
        progress("allocations")
        results["allocations"] = allocations.count(arguments.bin, scratch / "counting", scratch / "stripped")
    print(report.text(results))
    for name, (kept, new) in results["allocations"].items():
        print(f"\nAllocations, {name}: {kept:.1f} for a request kept alive, {new:.1f} with a new connection.")
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


def parsed():
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, default=".build/release", help="the folder with the release executables")
    parser.add_argument("--rounds", type=int, default=5, help="how often each server is measured in turn (5)")
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement (3)")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the results there too")
    return parser.parse_args()


def progress(text):
    print(text, file=sys.stderr, flush=True)


def compile_all(programs, scratch):
    flags = ["-O2", "-Wall", "-Werror"]
    subprocess.run(["cc", *flags, "-s", "-o", scratch / "epoll", SOURCES / "epoll.c"], check=True)
    library = scratch / "count_allocations.so"
    subprocess.run(["cc", *flags, "-shared", "-fPIC", "-o", library, SOURCES / "count_allocations.c"], check=True)
    subprocess.run(["strip", "-o", scratch / "stripped", programs / "stsbrokerd"], check=True)
    read_anew(scratch / "stripped")
    servers.install(scratch / "stripped", scratch / "bin", programs)


def read_anew(file):
    """As after a boot. What has just been written is in memory in larger pieces (folios), of which the kernel maps more than is run."""
    with open(file, "rb") as opened:
        os.fsync(opened.fileno())
        os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def measured(arguments, scratch):
    with contextlib.ExitStack() as stack:
        faces = stack.enter_context(servers.sandbox(arguments.bin, scratch))
        yardsticks = [servers.nginx(scratch, faces[0]), servers.c_server(scratch, faces[0])]
        progress("cold starts")
        starts = [cold_start.daemon(scratch / "stripped", scratch)]
        starts += [cold_start.median(command, target.port, target.request()) for command, target in yardsticks]
        compared = [stack.enter_context(servers.yardstick(*one)) for one in yardsticks]
        loads = in_turn([*faces, *compared], arguments)
        used = {
            name: {"memory": processes.memory(target.pid), "start": start, "binary": os.path.getsize(target.binary) / 1e6}
            for name, target, start in zip(["stsbrokerd", "nginx", "C, epoll"], [faces[0], *compared], starts)}
    return {"load": loads, "processes": used}


def in_turn(targets, arguments):
    """The median of all rounds, by scenario and server. Each round begins with another server."""
    for target in targets:
        load.measure(target, load.SCENARIOS[0], 1)
    results = {}
    for scenario in load.SCENARIOS:
        runs = {target.name: [] for target in targets}
        for turn in range(arguments.rounds):
            progress(f"{scenario.name}, {scenario.connections}: round {turn + 1}")
            first = turn % len(targets)
            for target in targets[first:] + targets[:first]:
                runs[target.name].append(load.measure(target, scenario, arguments.seconds))
        results[f"{scenario.name}, {scenario.connections}"] = {name: median(each) for name, each in runs.items()}
    return results


def median(runs):
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


main()
