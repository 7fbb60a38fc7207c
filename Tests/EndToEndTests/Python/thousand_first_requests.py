"""Asks for one role over a thousand connections at once; prints how many answers of each status came."""

import asyncio
import collections
import json
import os
import urllib.parse

URL = urllib.parse.urlsplit(os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"])
with open(os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]) as file:
    TOKEN = file.read()
REQUEST = (
    f"GET /role/readonly HTTP/1.1\r\nHost: {URL.netloc}\r\nAuthorization: {TOKEN}\r\nConnection: close\r\n\r\n"
).encode()


async def ask(gate):
    reader, writer = await asyncio.open_connection(URL.hostname, URL.port)
    await gate.wait()
    writer.write(REQUEST)
    answer = await reader.read()
    writer.close()
    return answer.split(b" ", 2)[1].decode()


async def main():
    gate = asyncio.Event()
    asks = [asyncio.create_task(ask(gate)) for _ in range(1000)]
    await asyncio.sleep(1)
    gate.set()
    print(json.dumps(collections.Counter(await asyncio.gather(*asks))))


asyncio.run(main())
