# SPDX-License-Identifier: MIT
# fetchpool
"""Fetches small responses with the library requests, in 64 threads. Each thread has its own session.

usage: requests_threads_small.py LIST COUNT
"""

import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests

local = threading.local()


def fetch(url):
    if not hasattr(local, "session"):
        local.session = requests.Session()
    response = local.session.get(url, timeout=30)
    return url, response.status_code, response.content


def main():
    with open(sys.argv[1]) as lines:
        urls = [next(lines).strip() for _ in range(int(sys.argv[2]))]
    with ThreadPoolExecutor(max_workers=64) as pool:
        list(pool.map(fetch, urls[:128]))
        begin = time.perf_counter()
        good = sum(status == 200 for _, status, _ in pool.map(fetch, urls))
        seconds = time.perf_counter() - begin
    print(json.dumps({"items": len(urls), "ok": good, "seconds": seconds}))


if __name__ == "__main__":
    main()
