"""Allocations for each request, counted by a preloaded malloc in a daemon that runs for this only."""

import socket
import struct

import asking
import servers

REQUESTS = 5000


def count(programs, scratch, binary):
    """By face: allocations for a request kept alive, and for one with a connection of its own."""
    scratch.mkdir()
    counter = scratch / "allocations"
    counter.write_bytes(bytes(8))
    library = scratch.parent / "count_allocations.so"
    servers.install(binary, scratch / "bin", programs, f"ALLOCATIONS={counter} LD_PRELOAD={library}")
    with servers.sandbox(programs, scratch) as targets:
        return {target.name: [counted(counter, target, ask) for ask in [keep_alive, reconnect]] for target in targets}


def counted(counter, target, ask):
    ask(target, 200)
    before = value(counter)
    ask(target, REQUESTS)
    return (value(counter) - before) / REQUESTS


def value(counter):
    return struct.unpack("q", counter.read_bytes())[0]


def keep_alive(target, times):
    request = target.request()
    with socket.create_connection(("127.0.0.1", target.port)) as connection:
        for _ in range(times):
            asking.answer(connection, request)


def reconnect(target, times):
    request = target.request("Connection: close")
    for _ in range(times):
        asking.ask(target.port, request)
