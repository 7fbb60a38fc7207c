"""Names the functions that stsbrokerd runs while it starts, fetches credentials and serves them, for the linker.

The kernel maps 64 kB and more of a program's file around each place that is run (fault-around, large folios). What a daemon runs is a
seventh of its code; strewn over all of it, nearly the whole program was resident."""

import argparse
import contextlib
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "bench"))
import asking
import servers

# Enough for what is there for many to be run as well.
CROWD = 64


def main():
    parser = argparse.ArgumentParser(prog="layout", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=".build/release", help="the folder with the release executables, stsbrokerd with its symbols")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="layout-") as directory:
        functions = functions_run(arguments.bin.resolve(), pathlib.Path(directory))
    # In an order of their own, so that the same functions make the same program.
    print("\n".join(sorted(functions)))


def functions_run(programs, scratch):
    profile, daemon = scratch / "profile", scratch / "stsbrokerd"
    # Valgrind can't read all that Swift tells debuggers.
    subprocess.run(["strip", "--strip-debug", "-o", daemon, programs / "stsbrokerd"], check=True)
    # Names as the linker has them; a function that is run once counts as well as a hot one.
    watched = f"valgrind --quiet --tool=callgrind --demangle=no --callgrind-out-file={profile} {daemon}"
    servers.install(watched, scratch / "bin", programs)
    with servers.sandbox(programs, scratch) as faces:
        for face in faces:
            ask_at_once(face, 1)
            ask_at_once(face, CROWD)
            ask_in_vain(face)
        os.kill(faces[0].pid, signal.SIGHUP)
        ask_at_once(faces[0], 1)
    return names(profile.read_text())


def connection_to(face):
    return socket.create_connection(("127.0.0.1", face.port), timeout=60)


def ask_at_once(face, count):
    """Over so many connections, each kept for a while and then ended."""
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(connection_to(face)) for _ in range(count)]
        for more in [[], [], ["Connection: close"]]:
            for connection in connections:
                connection.sendall(face.request(*more))
            for connection in connections:
                asking.answer(connection, b"")


def ask_in_vain(face):
    """What is refused, and a client that goes away without a word."""
    for request in [b"GET / HTTP/1.1\r\nHost: elsewhere\r\n\r\n", face.request().replace(b" /", b" /nothing"), b"\r\nnothing\r\n\r\n"]:
        with connection_to(face) as connection:
            asking.answer(connection, request)
    with connection_to(face) as connection:
        connection.sendall(face.request())
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def names(profile):
    """Each is spelt out where it is met first: `fn=(12) name`, or `cfn=` where it is called; a cycle's number may follow."""
    return {re.sub(r"'\d+$", "", name) for name in re.findall(r"^c?fn=\(\d+\) (\S+)$", profile, re.M)}


main()
