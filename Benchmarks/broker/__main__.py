"""Measures stsbroker-server with the sandbox's identity provider and STS: issuances at a steady rate, and how they and the start grow
with policies and with the audit trail. A measurement, not a test: exits with 0."""

import argparse
import pathlib
import statistics
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "bench"))
import brokers
import processes
import report
import steady
import trails

POLICIES = (10, 1_000, 10_000)
RECORDS = (1_000, 10_000, 100_000, 1_000_000)
HEAD = ["", "first start ms", "start ms", "p50 ms", "p99 ms", "most ms", "CPU ms", "resident MB", "database MB"]


def main():
    arguments = parsed()
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        scratch = pathlib.Path(directory)
        with brokers.sandbox(arguments.bin, scratch) as facts:
            rows = [measured(f"{count} policies", arguments, scratch, facts, policies=count) for count in arguments.policies]
            rows += [measured(f"{count} audit records", arguments, scratch, facts, records=count) for count in arguments.records]
    print("\n".join(report.table(HEAD, rows)))
    worst = max(row[4] for row in rows)
    met = sum(row[4] <= 25 for row in rows)
    print(f"\np99 of an issuance, at most 25 ms wanted: met in {met} of {len(rows)} rows; {worst:.1f} ms in the worst.")


def parsed():
    numbers = lambda text: [int(number) for number in text.split(",") if number]
    parser = argparse.ArgumentParser(prog="broker", description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, default=".build/release", help="the folder with the release executables")
    parser.add_argument("--rate", type=int, default=100, help="issuances a second (100)")
    parser.add_argument("--seconds", type=int, default=10, help="of each round (10)")
    parser.add_argument("--rounds", type=int, default=3, help="of each row, which has their median (3)")
    parser.add_argument("--policies", type=numbers, default=POLICIES, help="how many there are, in turn")
    parser.add_argument("--records", type=numbers, default=RECORDS, help="how many the audit trail has, in turn")
    return parser.parse_args()


def measured(name, arguments, scratch, facts, policies=10, records=0):
    print(name, file=sys.stderr, flush=True)
    folder = pathlib.Path(tempfile.mkdtemp(dir=scratch))
    broker = brokers.Broker(arguments.bin, folder, facts, policies)
    if records:
        # The tables are the broker's own; what is in them is ours.
        with broker.running():
            pass
        trails.fill(folder / "broker.sqlite", records)
    # It reads the policies, or what no checkpoint vouches for, and signs it when it stops.
    with broker.running() as (_, first):
        pass
    with broker.running() as (process, start):
        rounds = [measured_round(broker, process, arguments) for _ in range(arguments.rounds)]
        memory = processes.memory(process.pid)["Rss"]
    size = sum(file.stat().st_size for file in folder.glob("broker.sqlite*")) / 1e6
    return [name, first * 1e3, start * 1e3, *(statistics.median(numbers) for numbers in zip(*rounds)), memory, size]


def measured_round(broker, process, arguments):
    """Milliseconds: the median, the 99th percentile and the most of what issuances took, and the processor time of each in the broker."""
    before = processes.processor_seconds(process.pid)
    latencies = steady.issuances(broker, arguments.rate, arguments.seconds)
    used = processes.processor_seconds(process.pid) - before
    ms = sorted(latency * 1e3 for latency in latencies)
    return [statistics.median(ms), ms[int(len(ms) * 0.99)], ms[-1], used / (len(ms) + arguments.rate) * 1e3]


main()
