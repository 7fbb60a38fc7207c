"""The results as Markdown."""

DAEMON, CONTAINER, NGINX, C = "stsbrokerd, IMDS", "stsbrokerd, container", "nginx", "C, epoll"


def text(results):
    return "\n".join([*loads(results), "", *sizes(results), "", *ratios(results), "", *targets(results)])


def table(head, rows):
    rows = [head, *([cell if isinstance(cell, str) else f"{cell:.{digits(cell)}f}" for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    return [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]


def digits(number):
    return 0 if number >= 100 else 1 if number >= 10 else 2


def loads(results):
    rows = []
    for scenario, servers in results["load"].items():
        for name, of in servers.items():
            rows.append([scenario, name, of["rate"], of["p50"], of["p99"], of["cpu"]])
    return table(["scenario", "server", "requests/s", "p50 µs", "p99 µs", "CPU µs/request"], rows)


def sizes(results):
    rows = []
    for name, of in results["processes"].items():
        memory = of["memory"]
        rows.append([name, memory["Rss"], memory["Pss"], memory["Anonymous"], of["start"], of["binary"]])
    return table(["server", "resident MB", "proportional MB", "anonymous MB", "first answer ms", "stripped MB"], rows)


def ratios(results):
    rows = []
    for scenario, servers in results["load"].items():
        for name in [DAEMON, CONTAINER]:
            for what, key in [("throughput", "rate"), ("CPU", "cpu")]:
                own = servers[name][key]
                rows.append([f"{what}, {scenario}", name, own / servers[NGINX][key], own / servers[C][key]])
    resident = {name: of["memory"]["Rss"] for name, of in results["processes"].items()}
    own = resident["stsbrokerd"]
    rows.append(["resident memory", "stsbrokerd", own / resident[NGINX], own / resident[C]])
    return table(["ratio", "of", "to nginx", "to C"], rows)


def targets(results):
    load, own = results["load"], results["processes"]["stsbrokerd"]
    kept, new = load["kept alive, 16"], load["new connection for each, 16"]
    rows = []
    for name in [DAEMON, CONTAINER]:
        rows.append([f"CPU, kept alive, to C's: {name}", 2.0, kept[name]["cpu"] / kept[C]["cpu"]])
        rows.append([f"CPU, new connection, to C's: {name}", 1.9, new[name]["cpu"] / new[C]["cpu"]])
        rows.append([f"p99 ms, kept alive, 16: {name}", 1.0, kept[name]["p99"] / 1e3])
        # The same on a machine that is slower, or has other guests: where C has 0.3 ms.
        rows.append([f"p99, kept alive, 16, to C's: {name}", 1.0 / 0.3, kept[name]["p99"] / kept[C]["p99"]])
    rows += [
        ["resident MB after load", 12, own["memory"]["Rss"]], ["first answer ms", 10, own["start"]],
        ["stripped MB", 20, own["binary"]],
    ]
    for name, (kept_alive, _) in results["allocations"].items():
        rows.append([f"allocations/request, kept alive: {name}", 1, kept_alive])
    return table(["target", "at most", "measured", ""], [[*row, "met" if row[2] <= row[1] else "missed"] for row in rows])
