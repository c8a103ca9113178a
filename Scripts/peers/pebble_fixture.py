# SPDX-License-Identifier: MIT
# fetchpool
"""Fetches pages of fixture-server with the library requests, in a ProcessPool of the library pebble.

If a page kills its worker, only the task of this page fails.

usage: pebble_fixture.py LIST COUNT WORKERS
"""

import json
import sys
import time

from pebble import ProcessPool

from fixture import begin_worker, process


def main():
    with open(sys.argv[1]) as lines:
        urls = [next(lines).strip() for _ in range(int(sys.argv[2]))]
    good = 0
    with ProcessPool(max_workers=int(sys.argv[3]), initializer=begin_worker) as pool:
        pool.map(len, urls[:20]).result()
        begin = time.perf_counter()
        results = pool.map(process, urls).result()
        while True:
            try:
                next(results)
                good += 1
            except StopIteration:
                break
            except Exception:
                pass
        seconds = time.perf_counter() - begin
    print(json.dumps({"items": len(urls), "ok": good, "seconds": seconds}))


if __name__ == "__main__":
    main()
