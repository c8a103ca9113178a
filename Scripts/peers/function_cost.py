# SPDX-License-Identifier: MIT
# fetchpool
"""Measures the processor time of the function `readme` for all pages of a list, with and without fetchpool.

usage: function_cost.py bare LIST COUNT              the function alone, over the bodies in files
       function_cost.py worker LIST COUNT FETCHPOOL  one worker of fetchpool, without the programs around it

Both times begin with the start of Python.
"""

import os
import sys
import time

from page_functions import readme

# `call`, which is measured, needs no other module, and must not pay for their imports.
if sys.argv[1] != "call":
    import json
    import subprocess
    import tempfile


def fetch(urls, folder):
    """Stores the body of each page in a file of its own."""
    # The process that is measured calls no function of this library.
    import requests

    session = requests.Session()
    for number, url in enumerate(urls):
        with open(os.path.join(folder, str(number)), "wb") as file:
            file.write(session.get(url, timeout=30).content)


def call(folder, count):
    """Calls the function with each body, and prints the number of results and the processor time."""
    good = 0
    for number in range(count):
        with open(os.path.join(folder, str(number)), "rb") as file:
            good += len(readme(file.read())) > 0
    print(good, time.process_time())


def bare(list_, count, folder):
    """Returns the number of results, the processor time, and the time; both without the fetches."""
    with open(list_) as lines:
        fetch([next(lines).strip() for _ in range(count)], folder)
    words = [sys.executable, __file__, "call", folder, str(count)]
    begin = time.perf_counter()
    good, cost = subprocess.run(words, stdout=subprocess.PIPE, check=True, text=True).stdout.split()
    return int(good), float(cost), time.perf_counter() - begin


def worker(list_, count, folder, fetchpool):
    """Returns the number of results, the processor time of the worker, and the time of the whole run."""
    cost, stats = (os.path.join(folder, name) for name in ("cost", "stats"))
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "page_worker.py")
    options = ["--quiet", "--progress", "off", "--workers", "1", "--per-host", "0", "--input", list_]
    files = ["--output", os.path.join(folder, "records"), "--stats", stats]
    words = [fetchpool, *options, *files, "--exec", f"'{sys.executable}' '{script}' readme"]
    begin = time.perf_counter()
    subprocess.run(words, env={**os.environ, "WORKER_COST": cost}, check=True)
    seconds = time.perf_counter() - begin
    with open(stats) as file:
        good = json.load(file)["outcomes"].get("ok", 0)
    with open(cost) as file:
        return good, float(file.read()), seconds


def main():
    mode, source, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if mode == "call":
        return call(source, count)
    with tempfile.TemporaryDirectory() as folder:
        if mode == "bare":
            good, cost, seconds = bare(source, count, folder)
        else:
            good, cost, seconds = worker(source, count, folder, sys.argv[4])
    print(json.dumps({"items": count, "ok": good, "seconds": seconds, "cpu_seconds": cost}))


if __name__ == "__main__":
    main()
