# SPDX-License-Identifier: MIT
# fetchpool
"""Fetches pages with urllib3, and finds links or text, in a ProcessPoolExecutor of two workers.

Connections stay open for further requests.

usage: ppe_pages.py LIST COUNT lxml|selectolax links|text
"""

import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import urllib3

import page_parsers

client = None
parse = None


def begin_worker(parser, function):
    global client, parse
    client = urllib3.PoolManager()
    parse = page_parsers.PARSERS[parser][function]


def process(url):
    response = client.request("GET", url, timeout=30)
    return url, response.status, parse(response.data, url)


def main():
    with open(sys.argv[1]) as lines:
        urls = [next(lines).strip() for _ in range(int(sys.argv[2]))]
    with ProcessPoolExecutor(max_workers=2, initializer=begin_worker, initargs=sys.argv[3:]) as pool:
        list(pool.map(process, urls[:20]))
        begin = time.perf_counter()
        results = pool.map(process, urls, chunksize=16)
        good = sum(status == 200 and found is not None for _, status, found in results)
        seconds = time.perf_counter() - begin
    print(json.dumps({"items": len(urls), "ok": good, "seconds": seconds}))


if __name__ == "__main__":
    main()
