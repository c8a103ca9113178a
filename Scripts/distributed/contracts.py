# SPDX-License-Identifier: MIT
# fetchpool
"""Checks the records of the parts of a list, for Scripts/distributed/contracts.

  contracts.py whole LIST FILE …      each line of LIST has records in exactly one file, and the last record of
                                      each line is ok; no other URL has a record; no two lines have the same id
  contracts.py hosts FILE …           all records of a host are in one file, and not all hosts are in the same file
  contracts.py middle LIST FILE …     some lines are done, but not all; a line is done if its last record is not
                                      `cancelled`
  contracts.py report PAGE FILE …     the page shows the numbers of tasks, hosts and outcomes of all files together
"""

import json
import re
import sys
from collections import Counter


def records(path):
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield json.loads(line)
            except ValueError:
                raise SystemExit(f"{path}, line {number} is no record: {line[:200]!r}")


def last_records(paths):
    """Returns the last record of each URL, with the file of this record.

    Ends the program if a URL has records in two files, or a record after one that is not `cancelled`.
    """
    last = {}
    for path in paths:
        for record in records(path):
            url = record["url"]
            if url in last:
                earlier, place = last[url]
                if place != path:
                    raise SystemExit(f"{url} is in {place} and in {path}")
                if earlier["outcome"] != "cancelled":
                    raise SystemExit(f"{url} has a second record after one that is {earlier['outcome']}, in {path}")
            last[url] = record, path
    return last


def listed(path):
    with open(path) as file:
        lines = [line.rstrip("\n") for line in file]
    if len(set(lines)) != len(lines):
        raise SystemExit(f"{path} has a line twice")
    return lines


def whole(path, *paths):
    lines, last = listed(path), last_records(paths)
    missing = [line for line in lines if line not in last]
    if missing:
        raise SystemExit(f"{len(missing)} lines have no record, such as {missing[0]}")
    if len(last) != len(lines):
        raise SystemExit(f"{len(last)} URLs have records, and {len(lines)} are in the list")
    failed = [record for record, _ in last.values() if record["outcome"] != "ok"]
    if failed:
        raise SystemExit(f"{len(failed)} records are not ok, such as {failed[0]}")
    ids = {str(record["id"]) for record, _ in last.values()}
    if len(ids) != len(lines):
        raise SystemExit(f"{len(lines)} lines have only {len(ids)} ids")
    print(f"{len(lines)} lines, {sum(1 for name in paths for _ in records(name))} records")


def hosts(*paths):
    places = {}
    for path in paths:
        for record in records(path):
            host = record["url"].split("/")[2]
            if places.setdefault(host, path) != path:
                raise SystemExit(f"{host} is in {places[host]} and in {path}")
    if len(set(places.values())) < 2:
        raise SystemExit("all hosts are in one part")


def middle(path, *paths):
    lines, last = listed(path), last_records(paths)
    done = sum(1 for line in lines if line in last and last[line][0]["outcome"] != "cancelled")
    if not 0 < done < len(lines):
        raise SystemExit(f"{done} of {len(lines)} lines are done; some, but not all, should be done")


def report(page, *paths):
    last = last_records(paths)
    outcomes = Counter(record["outcome"] for record, _ in last.values())
    expected = dict(outcomes, tasks=len(last), hosts=len({url.split("/")[2] for url in last}))
    with open(page) as file:
        text = re.sub(r"<style.*?</style>", " ", file.read(), flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", " ", text)
    for name, number in expected.items():
        if not re.search(rf"\b{name}\s+{number:,}\b", text):
            raise SystemExit(f"the page does not show {name} {number:,}")


{"whole": whole, "hosts": hosts, "middle": middle, "report": report}[sys.argv[1]](*sys.argv[2:])
