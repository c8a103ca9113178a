# SPDX-License-Identifier: MIT
# fetchpool
"""No-op tasks through a ProcessPool of pebble.

usage: pebble_dispatch.py TASKS
"""

import json
import sys
import time

from pebble import ProcessPool


def work(number):
    return number


def main():
    tasks = int(sys.argv[1])
    with ProcessPool(max_workers=2) as pool:
        list(pool.map(work, range(100)).result())
        begin = time.perf_counter()
        done = sum(1 for _ in pool.map(work, range(tasks)).result())
        seconds = time.perf_counter() - begin
    print(json.dumps({"items": tasks, "ok": done, "seconds": seconds}))


if __name__ == "__main__":
    main()
