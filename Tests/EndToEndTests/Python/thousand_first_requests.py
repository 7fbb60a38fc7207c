"""Asks for one role over a thousand connections at once, the way to the broker being warm by another role. Prints how many
answers of each status came, and how many calls the broker saw."""

import asyncio
import collections
import json
import os
import urllib.parse

import sandbox_control

URL = urllib.parse.urlsplit(os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"])
with open(os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]) as file:
    TOKEN = file.read()


def request(role):
    return (
        f"GET /role/{role} HTTP/1.1\r\nHost: {URL.netloc}\r\nAuthorization: {TOKEN}\r\nConnection: close\r\n\r\n"
    ).encode()


async def ask(role, gate):
    reader, writer = await asyncio.open_connection(URL.hostname, URL.port)
    await gate.wait()
    writer.write(request(role))
    answer = await reader.read()
    writer.close()
    return answer.split(b" ", 2)[1].decode()


async def ask_as_sdks_do(role, gate):
    """On a busy machine the first credentials may take longer than a request may wait; then the answer is to ask again."""
    status = await ask(role, gate)
    while status == "503":
        await asyncio.sleep(1)
        status = await ask(role, gate)
    return status


async def warm_up():
    gate = asyncio.Event()
    gate.set()
    while await ask("developer", gate) != "200":
        await asyncio.sleep(0.2)
    sandbox_control.call("DELETE", "/counters")


async def main():
    await warm_up()
    gate = asyncio.Event()
    asks = [asyncio.create_task(ask_as_sdks_do("readonly", gate)) for _ in range(1000)]
    await asyncio.sleep(1)
    gate.set()
    statuses = collections.Counter(await asyncio.gather(*asks))
    print(json.dumps({"statuses": statuses, "brokerCalls": sandbox_control.broker_calls()}))


asyncio.run(main())
