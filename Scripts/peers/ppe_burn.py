# SPDX-License-Identifier: MIT
# fetchpool
"""Fetches pages of fixture-server with the library requests, in a ProcessPoolExecutor.

Each page may ask for CPU time or a crash, and the worker does so (fixture.py).

usage: ppe_burn.py LIST COUNT WORKERS
"""

import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from fixture import begin_worker, process


def main():
    with open(sys.argv[1]) as lines:
        urls = [next(lines).strip() for _ in range(int(sys.argv[2]))]
    with ProcessPoolExecutor(max_workers=int(sys.argv[3]), initializer=begin_worker) as pool:
        list(pool.map(len, urls[:20]))
        begin = time.perf_counter()
        good = sum(size > 0 for size in pool.map(process, urls))
        seconds = time.perf_counter() - begin
    print(json.dumps({"items": len(urls), "ok": good, "seconds": seconds}))


if __name__ == "__main__":
    main()
