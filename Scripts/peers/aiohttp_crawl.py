# SPDX-License-Identifier: MIT
# fetchpool
"""Fetches a list of URLs with aiohttp, on uvloop, with aiodns.

Nothing is warmed up: the time of the first connections counts.

usage: aiohttp_crawl.py LIST IN_FLIGHT
"""

import asyncio
import json
import ssl
import sys
import time

import aiohttp
import uvloop


async def main():
    with open(sys.argv[1]) as lines:
        urls = lines.read().split()
    at_a_time = int(sys.argv[2])
    good = done = 0
    first_tenth = nine_tenths = 0.0

    async def take(session, left):
        nonlocal good, done, first_tenth, nine_tenths
        for url in left:
            try:
                async with session.get(url) as response:
                    await response.read()
                    good += response.status == 200
            except (aiohttp.ClientError, asyncio.TimeoutError):
                pass
            done += 1
            if done == len(urls) // 10:
                first_tenth = time.perf_counter()
            if done == len(urls) - len(urls) // 10:
                nine_tenths = time.perf_counter()

    # The trusted certificates are read once, for all connections.
    trust = ssl.create_default_context(cafile="/etc/ssl/certs/ca-certificates.crt")
    connector = aiohttp.TCPConnector(limit=at_a_time, ssl=trust, resolver=aiohttp.AsyncResolver())
    limit = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(connector=connector, timeout=limit) as session:
        begin = time.perf_counter()
        left = iter(urls)
        await asyncio.gather(*(take(session, left) for _ in range(at_a_time)))
        end = time.perf_counter()
    report = {"items": len(urls), "ok": good, "seconds": end - begin}
    report |= {"first_tenth": first_tenth - begin, "last_tenth": end - nine_tenths}
    print(json.dumps(report))


uvloop.run(main())
