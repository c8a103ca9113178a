# SPDX-License-Identifier: MIT
# fetchpool
"""No-op tasks through a ProcessPoolExecutor of two workers.

usage: ppe_dispatch.py TASKS CHUNKSIZE
"""

import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor


def work(number):
    return number


def main():
    tasks, chunksize = int(sys.argv[1]), int(sys.argv[2])
    with ProcessPoolExecutor(max_workers=2) as pool:
        list(pool.map(work, range(100)))
        begin = time.perf_counter()
        done = sum(1 for _ in pool.map(work, range(tasks), chunksize=chunksize))
        seconds = time.perf_counter() - begin
    print(json.dumps({"items": tasks, "ok": done, "seconds": seconds}))


if __name__ == "__main__":
    main()
