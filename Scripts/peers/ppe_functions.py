# SPDX-License-Identifier: MIT
# fetchpool
"""Fetches pages with requests, and calls a function with each page, in a ProcessPoolExecutor of two workers.

usage: ppe_functions.py LIST COUNT CHUNKSIZE words|links|readme
"""

import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import requests

from page_functions import FUNCTIONS

session = None
function = None


def begin_worker(name):
    global session, function
    session = requests.Session()
    function = FUNCTIONS[name]


def process(url):
    response = session.get(url, timeout=30)
    return url, response.status_code, function(response.content)


def main():
    with open(sys.argv[1]) as lines:
        urls = [next(lines).strip() for _ in range(int(sys.argv[2]))]
    with ProcessPoolExecutor(max_workers=2, initializer=begin_worker, initargs=sys.argv[4:]) as pool:
        list(pool.map(process, urls[:20]))
        begin = time.perf_counter()
        results = pool.map(process, urls, chunksize=int(sys.argv[3]))
        good = sum(status == 200 and len(found) > 0 for _, status, found in results)
        seconds = time.perf_counter() - begin
    print(json.dumps({"items": len(urls), "ok": good, "seconds": seconds}))


if __name__ == "__main__":
    main()
