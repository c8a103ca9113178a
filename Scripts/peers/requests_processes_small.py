# SPDX-License-Identifier: MIT
# fetchpool
"""Fetches small responses with the library `requests`, in a ProcessPoolExecutor of 20 workers.

With `get`, each request is made as on the first page of the documentation of `requests`, and opens a connection of
its own. With `session`, each process keeps a session, and so keeps its connection open.

usage: requests_processes_small.py LIST COUNT get|session
"""

import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import requests

session = requests


def begin_worker(kind):
    global session
    if kind == "session":
        session = requests.Session()


def fetch(url):
    response = session.get(url, timeout=30)
    return url, response.status_code, response.content


def main():
    with open(sys.argv[1]) as lines:
        urls = [next(lines).strip() for _ in range(int(sys.argv[2]))]
    with ProcessPoolExecutor(max_workers=20, initializer=begin_worker, initargs=sys.argv[3:]) as pool:
        list(pool.map(fetch, urls[:200]))
        begin = time.perf_counter()
        good = sum(status == 200 for _, status, _ in pool.map(fetch, urls))
        seconds = time.perf_counter() - begin
    print(json.dumps({"items": len(urls), "ok": good, "seconds": seconds}))


if __name__ == "__main__":
    main()
