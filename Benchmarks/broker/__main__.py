"""Measures stsbroker-server with the sandbox's identity provider and STS: issuances at a steady rate, and how they and the start grow
with policies, with the grants of whoever asks and with the audit trail, beside a yardstick that takes the same time and does nothing
else. A measurement, not a test: exits with 0."""

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
import yardstick

POLICIES = (10, 1_000, 10_000)
GRANTS = (10_000,)
RECORDS = (1_000, 10_000, 100_000, 1_000_000)
HEAD = ["", "first start ms", "start ms", "p50 ms", "p99 ms", "most ms", "CPU ms", "yardstick p99 ms", "resident MB", "database MB"]


def main():
    arguments = parsed()
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        scratch = pathlib.Path(directory)
        beside = yardstick.Yardstick(scratch)
        with brokers.sandbox(arguments.bin, scratch) as (facts, sts):
            measure = lambda name, **what: measured(name, arguments, scratch, facts, sts, beside, **what)
            rows = [measure(f"{count} policies", policies=count) for count in arguments.policies]
            rows += [measure(f"{count} grants of who asks", grants=count) for count in arguments.grants]
            rows += [measure(f"{count} audit records", records=count) for count in arguments.records]
    print("\n".join(report.table(HEAD, [of["row"] for of in rows])))
    rounds = sorted((both for of in rows for both in of["rounds"]), key=lambda both: both[1])
    print("\nAll rounds, p99 of an issuance and of the yardstick in ms, by the latter:")
    print("\n".join(f"* {own:.1f} and {other:.1f}" for own, other in rounds))
    ratios = [own / other for own, other in rounds]
    print(f"\nTo the yardstick's: {statistics.median(ratios):.2f} in the median, {max(ratios):.2f} at most.")


def parsed():
    numbers = lambda text: [int(number) for number in text.split(",") if number]
    parser = argparse.ArgumentParser(prog="broker", description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, default=".build/release", help="the folder with the release executables")
    parser.add_argument("--rate", type=int, default=100, help="issuances a second (100)")
    parser.add_argument("--seconds", type=int, default=10, help="of each round (10)")
    parser.add_argument("--rounds", type=int, default=3, help="of each row, which has their median (3)")
    parser.add_argument("--policies", type=numbers, default=POLICIES, help="how many there are, in turn")
    parser.add_argument("--grants", type=numbers, default=GRANTS, help="how many whoever asks has that have not ended, in turn")
    parser.add_argument("--records", type=numbers, default=RECORDS, help="how many the audit trail has, in turn")
    return parser.parse_args()


def measured(name, arguments, scratch, facts, sts, beside, policies=10, grants=0, records=0):
    print(name, file=sys.stderr, flush=True)
    folder = pathlib.Path(tempfile.mkdtemp(dir=scratch))
    broker = brokers.Broker(arguments.bin, folder, facts, policies)
    if grants or records:
        # The tables are the broker's own; what is in them is ours.
        with broker.running():
            pass
        trails.fill_grants(folder / "broker.sqlite", grants, broker.claims(), broker.policy)
        trails.fill(folder / "broker.sqlite", records)
    # It reads the policies, or what no checkpoint vouches for, and signs it when it stops.
    with broker.running() as (_, first):
        pass
    with broker.running() as (process, start):
        rounds = [measured_round(broker, process.pid, sts, beside, arguments) for _ in range(arguments.rounds)]
        memory = processes.memory(process.pid)["Rss"]
    size = sum(file.stat().st_size for file in folder.glob("broker.sqlite*")) / 1e6
    row = [name, first * 1e3, start * 1e3, *(statistics.median(numbers) for numbers in zip(*rounds)), memory, size]
    return {"row": row, "rounds": [(p99, other) for _, p99, _, _, other in rounds]}


def measured_round(broker, pid, sts, beside, arguments):
    """Milliseconds: the median, the 99th percentile and the most of what issuances took, the processor time of each in the broker, and
    the 99th percentile of the yardstick, for which each takes as much in both processes."""
    before = [processes.processor_seconds(one) for one in [pid, sts]]
    ms = in_order(steady.issuances(broker, arguments.rate, arguments.seconds))
    count = arguments.rate * (arguments.seconds + steady.WARM_UP)
    used = [(processes.processor_seconds(one) - earlier) / count for one, earlier in zip([pid, sts], before)]
    other = in_order(beside.latencies(*used, arguments.rate, arguments.seconds))
    return statistics.median(ms), p99(ms), ms[-1], used[0] * 1e3, p99(other)


def in_order(latencies):
    return sorted(latency * 1e3 for latency in latencies)


def p99(ms):
    return ms[int(len(ms) * 0.99)]


main()
