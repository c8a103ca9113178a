# SPDX-License-Identifier: MIT
# fetchpool
"""Pages with requests, their links with lxml, in a ProcessPoolExecutor of two; links stay as the page writes them.

usage: ppe_pages.py LIST COUNT CHUNKSIZE
"""

import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import lxml.html
import requests

session = None


def begin_worker():
    global session
    session = requests.Session()


def links(url):
    answer = session.get(url, timeout=30)
    page = lxml.html.fromstring(answer.content)
    return url, answer.status_code, [link for _, _, link, _ in page.iterlinks()]


def main():
    with open(sys.argv[1]) as lines:
        urls = [next(lines).strip() for _ in range(int(sys.argv[2]))]
    chunksize = int(sys.argv[3])
    with ProcessPoolExecutor(max_workers=2, initializer=begin_worker) as pool:
        list(pool.map(links, urls[:20]))
        begin = time.perf_counter()
        results = pool.map(links, urls, chunksize=chunksize)
        good = sum(status == 200 and len(found) > 0 for _, status, found in results)
        seconds = time.perf_counter() - begin
    print(json.dumps({"items": len(urls), "ok": good, "seconds": seconds}))


if __name__ == "__main__":
    main()
