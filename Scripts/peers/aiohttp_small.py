# SPDX-License-Identifier: MIT
# fetchpool
"""Small responses with aiohttp: one session, 64 requests at a time.

usage: aiohttp_small.py LIST COUNT
"""

import asyncio
import json
import sys
import time

import aiohttp


async def fetch_all(session, urls):
    good = 0

    async def take(left):
        nonlocal good
        for url in left:
            async with session.get(url) as response:
                await response.read()
                good += response.status == 200

    left = iter(urls)
    await asyncio.gather(*(take(left) for _ in range(64)))
    return good


async def main():
    with open(sys.argv[1]) as lines:
        urls = [next(lines).strip() for _ in range(int(sys.argv[2]))]
    connector = aiohttp.TCPConnector(limit=64)
    async with aiohttp.ClientSession(connector=connector) as session:
        await fetch_all(session, urls[:128])
        begin = time.perf_counter()
        good = await fetch_all(session, urls)
        seconds = time.perf_counter() - begin
    print(json.dumps({"items": len(urls), "ok": good, "seconds": seconds}))


asyncio.run(main())
