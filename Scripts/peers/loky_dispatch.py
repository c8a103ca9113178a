# SPDX-License-Identifier: MIT
# fetchpool
"""No-op tasks through the reusable executor of loky.

usage: loky_dispatch.py TASKS
"""

import json
import sys
import time

from loky import get_reusable_executor


def work(number):
    return number


def main():
    tasks = int(sys.argv[1])
    pool = get_reusable_executor(max_workers=2)
    list(pool.map(work, range(100)))
    begin = time.perf_counter()
    done = sum(1 for _ in pool.map(work, range(tasks)))
    seconds = time.perf_counter() - begin
    pool.shutdown()
    print(json.dumps({"items": tasks, "ok": done, "seconds": seconds}))


if __name__ == "__main__":
    main()
