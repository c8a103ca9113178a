# SPDX-License-Identifier: MIT
# fetchpool
"""No-op tasks, one after the other, through a ProcessPoolExecutor of two workers: submit, then result.

usage: ppe_submit.py TASKS
"""

import json
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor


def work(number):
    return number


def main():
    tasks = int(sys.argv[1])
    times = []
    with ProcessPoolExecutor(max_workers=2) as pool:
        list(pool.map(work, range(100)))
        begin = time.perf_counter()
        for number in range(tasks):
            start = time.perf_counter()
            pool.submit(work, number).result()
            times.append(time.perf_counter() - start)
        seconds = time.perf_counter() - begin
    median = statistics.median(times) * 1e6
    print(json.dumps({"items": tasks, "ok": len(times), "seconds": seconds, "median_us": median}))


if __name__ == "__main__":
    main()
