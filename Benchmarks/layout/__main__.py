"""Names the functions that stsbrokerd runs while it starts, fetches credentials and serves them, for the linker.

The kernel maps 64 kB and more of a program's file around each place that is run (fault-around, large folios). What a daemon runs is a
seventh of its code; strewn over all of it, nearly the whole program was resident."""

import argparse
import pathlib
import re
import socket
import subprocess
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "bench"))
import asking
import servers


def main():
    parser = argparse.ArgumentParser(prog="layout", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=".build/release", help="the folder with the release executables, stsbrokerd with its symbols")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="layout-") as directory:
        names = functions_run(arguments.bin.resolve(), pathlib.Path(directory))
    # In an order of their own, so that the same functions make the same program.
    print("\n".join(sorted(names)))


def functions_run(programs, scratch):
    profile, daemon = scratch / "profile", scratch / "stsbrokerd"
    # Valgrind can't read all that Swift tells debuggers.
    subprocess.run(["strip", "--strip-debug", "-o", daemon, programs / "stsbrokerd"], check=True)
    # Names as the linker has them; a function that is run once counts as well as a hot one.
    watched = f"valgrind --quiet --tool=callgrind --demangle=no --callgrind-out-file={profile} {daemon}"
    servers.install(watched, scratch / "bin", programs)
    with servers.sandbox(programs, scratch) as faces:
        for face in faces:
            with socket.create_connection(("127.0.0.1", face.port), timeout=30) as connection:
                for more in [[], [], ["Connection: close"]]:
                    asking.answer(connection, face.request(*more))
    return names(profile.read_text())


def names(profile):
    """Each is spelt out where it is met first: `fn=(12) name`, or `cfn=` where it is called; a cycle's number may follow."""
    return {re.sub(r"'\d+$", "", name) for name in re.findall(r"^c?fn=\(\d+\) (\S+)$", profile, re.M)}


main()
