# SPDX-License-Identifier: MIT
# fetchpool
"""The steps of Scripts/distributed/spark.

  spark_steps.py ARCHIVE WORK [STEP …]

ARCHIVE is the archive that Scripts/package makes. WORK is a folder with only the file `log`, which gets the
standard error of this script. Without a STEP, all steps run. The step `executor` needs the step `crashes` before it.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
import urllib.parse
import urllib.request
from collections import Counter, defaultdict
from typing import Any, Callable, Optional

sources = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
script = os.path.join(sources, "spark", "fetchpool_spark.py")
sys.path.insert(0, os.path.dirname(script))

import fetchpool_spark  # noqa: E402
from fetchpool_spark import FetchpoolError, fetch, outcome_counts  # noqa: E402
from pyspark.sql import DataFrame, SparkSession, functions as F  # noqa: E402

archive, work, chosen = sys.argv[1], sys.argv[2], sys.argv[3:]
began = time.monotonic()


def say(text: str) -> None:
    print(f"== spark: {text} ({time.monotonic() - began:.0f} s)", flush=True)


def check(is_true: Any, sentence: str) -> None:
    if not is_true:
        print(f"spark: {sentence}", file=sys.stderr, flush=True)
        raise SystemExit(f"spark: {sentence}")


def equal(found: Any, expected: Any, what: str) -> None:
    check(found == expected, f"{what} is {found!r}, not {expected!r}")


def wait(until: Callable[[], Any], seconds: float, sentence: str) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = until()
        if found:
            return found
        time.sleep(0.05)
    check(False, sentence)


# The programs are unpacked into a folder of this test, so that `processes` finds no process of another run.
programs = os.path.join(work, "a place")
with tarfile.open(archive) as packed:
    packed.extractall(programs)
bin_folder = os.path.join(programs, os.listdir(programs)[0], "bin")
program = os.path.join(bin_folder, "fetchpool")
processor = f"'{os.path.join(bin_folder, 'fixture-processor')}' --supervised"

# Workers in Python, in one folder with the module that they import.
shared = os.path.join(os.path.dirname(bin_folder), "share", "fetchpool")
shutil.copy(os.path.join(shared, "fetchpool_worker.py"), work)
for name, result in (("echo", "{'text': response.text, 'meta': response.meta}"), ("words", "{'words': len(response.text.split())}")):
    with open(os.path.join(work, f"{name}.py"), "w") as written:
        written.write(f"from fetchpool_worker import serve\nserve(lambda response: {result})\n")

# `--stay` is not given, so that the server ends with this process.
server = subprocess.Popen([os.path.join(bin_folder, "fixture-server")], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
assert server.stdout is not None
address = server.stdout.readline().decode().split()[-1]
port = address.rpartition(":")[2]
common: dict[str, Any] = {"program": program, "resolve": f"*:{port}:127.0.0.1"}


def ask(path: str) -> bytes:
    with urllib.request.urlopen(address + path) as response:
        return bytes(response.read())


def requests() -> int:
    return int(json.loads(ask("/stats"))["requests"])


def processes(name: str = "fetchpool") -> set[int]:
    """Returns the ids of the processes that run a program of this test."""
    found = set()
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/{entry}/exe") == os.path.join(bin_folder, name):
                found.add(int(entry))
    return found


def children(of: int) -> set[int]:
    """Returns all descendants of a process."""
    parents = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError, IndexError):
            with open(f"/proc/{entry}/stat", "rb") as file:
                parents[int(entry)] = int(file.read().rpartition(b")")[2].split()[1])
    found, added = set(), {of}
    while added:
        found |= added
        added = {one for one, parent in parents.items() if parent in added} - found
    return found - {of}


def executors(spark: SparkSession) -> list[int]:
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
            is_java = words[0].endswith(b"java") and b"org.apache.spark.executor.CoarseGrainedExecutorBackend" in words
            if is_java and spark.sparkContext.applicationId.encode() in words:
                found.append(int(entry))
    return found


def path(name: str) -> str:
    return os.path.join(work, name)


def run_main(*arguments: str) -> tuple[int, str]:
    """Runs fetchpool_spark in this process, with the open Spark session; returns its status and its messages."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        status = fetchpool_spark.main([*arguments, "--program", program, "--resolve", f"*:{port}:127.0.0.1"])
    ours = [line for line in said.getvalue().splitlines() if line.startswith("fetchpool_spark: ")]
    return status, "\n".join(ours)


def spark_log() -> str:
    with open(path("log"), errors="replace") as file:
        return file.read()


def worker(name: str) -> str:
    """Returns the command of a worker in Python."""
    return f"python3 '{os.path.join(work, name)}.py'"


def in_background(work_of: Callable[[], Any]) -> tuple[threading.Thread, list[BaseException]]:
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work_of()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, errors


# Steps


def hosts_and_keys(spark: Optional[SparkSession]) -> None:
    """All spellings of a host give the same key, the text by which rows are divided into partitions.

    The records of fetchpool say which host a spelling means. The server is a proxy here.
    """
    hosts = (
        "example.com EXAMPLE.com ex%61mple.com example.com. exa\u00admple.com ｅxample.com example。com example｡com bücher.example "
        "BÜCHER.example xn--bcher-kva.example XN--BCHER-KVA.Example bu\u0308cher.example faß.de fass.de xn--fa-hia.de 127.1 "
        "127.0.0.1 0x7f.1 0177.0.0.1 2130706433 127.0.0.1. ①②⑦.0.0.1 １２７.0.0.1 %31%32%37.0.0.1 [::1] [0:0:0:0:0:0:0:1] [::0001] "
        "[::ffff:127.0.0.1] [::ffff:7f00:1] ρς.gr ρσ.gr xn--nxan.gr пример.рф xn--e1afmkfd.xn--p1ai ПРИМЕР.РФ a_b.example ☃.net "
        "xn--n3h.net K.example k.example Å.example å.example ㋿.jp 令和.jp ℡.example tel.example 한국.kr 한국.kr xn--3e0b707e.kr 0 0.0.0.0"
    ).split(" ")
    forms = (
        "http://%s/|HTTP://%s|http:%s/x|http:/%s/x|http:\\\\%s\\x|http:///%s/|http://u:p@%s/|http://u@v@%s/|http://%s:80/|"
        "http://%s:8080/|  http://%s/ |ht\ttp://%s/\n|http://%s?q|http://%s#f|http://u:p@%s:81?@x"
    ).split("|")
    for scheme, more in (([], []), (["--default-scheme=http"], ["%s", "%s/x", "%s:8080/x", "//%s/", " %s "])):
        urls = [form % host for host in hosts for form in [*forms, *more]]
        tasks = "".join(json.dumps({"url": url, "id": number}) + "\n" for number, url in enumerate(urls))
        command = [program, "-q", "--proxy", address, "--retries=0", "--per-host=0", *scheme]
        ended = subprocess.run(command, input=tasks.encode(), stdout=subprocess.PIPE)
        keys = defaultdict(set)
        for record in map(json.loads, ended.stdout.splitlines()):
            if "final_url" in record:
                host = str(urllib.parse.urlsplit(record["final_url"]).hostname).rstrip(".")
                keys[host].add(fetchpool_spark._key(urls[record["id"]].encode(), bool(scheme)))
        check(len(keys) >= 15, f"only {len(keys)} hosts were fetched")
        equal({host: found for host, found in keys.items() if len(found) > 1}, {}, "hosts with several keys")
        check(len({key for found in keys.values() for key in found}) >= len(keys) - 3, "many hosts have the same key")


def table(spark: SparkSession, count: int, folder: str) -> DataFrame:
    """Writes and returns rows with URLs of 400 hosts; one row in a hundred crashes the processor."""
    url = f"concat('http://h', id % 400, '.test:{port}/', if(id % 100 = 37, 'task/crash', 'get'), '?n=', id)"
    rows = spark.range(count).selectExpr("id", f"{url} as url", "sha2(string(id), 256) as note")
    rows.write.parquet(path(folder))
    return spark.read.parquet(path(folder))


def compare(spark: SparkSession, folder: str, count: int) -> None:
    """Checks each row of a run over `table`."""
    out = spark.read.parquet(path(folder))
    equal(out.count(), count, "the number of rows")
    equal(out.select("id").distinct().count(), count, "the number of ids")
    equal(out.where("note != sha2(string(id), 256) or not url like concat('%?n=', id)").count(), 0, "the number of changed rows")
    wrong = "outcome != if(id % 100 = 37, 'worker_crash', 'ok')"
    equal([row.asDict() for row in out.where(wrong).limit(3).collect()], [], "rows with a wrong outcome")
    crashed = out.where("outcome = 'worker_crash' and signal = 'SIGSEGV' and error.class = 'crash' and result is null").count()
    equal(crashed, count // 100, "the number of crashes with a signal")
    equal(out.where("status = 200 and result = '{\"bytes\":111}'").count(), count - count // 100, "the number of results")
    hosts = out.groupBy(F.expr("parse_url(final_url, 'HOST')")).agg(F.countDistinct("partition").alias("n"))
    equal(hosts.where("n > 1").count(), 0, "the number of hosts in several partitions")


COUNT = 100_000


def crashes(spark: SparkSession) -> None:
    rows = table(spark, COUNT, "rows")
    ask("/reset-stats")
    counts = outcome_counts(spark)
    start = time.monotonic()
    out = fetch(rows, exec=processor, crash_retries=0, partitions=16, counts=counts, **common)
    out.withColumn("partition", F.spark_partition_id()).write.parquet(path("first"))
    seconds = time.monotonic() - start
    say(f"{COUNT:,} rows with {COUNT // 100:,} crashes took {seconds:.1f} s")
    compare(spark, "first", COUNT)
    equal(counts.value, {"ok": COUNT - COUNT // 100, "worker_crash": COUNT // 100}, "the accumulator")
    equal(requests(), COUNT, "the number of requests")
    equal(processes(), set(), "what runs after the job")


def executor_killed(spark: SparkSession) -> None:
    rows = spark.read.parquet(path("rows"))
    ask("/reset-stats")
    out = fetch(rows, exec=processor, crash_retries=0, partitions=16, **common)
    out = out.withColumn("partition", F.spark_partition_id())
    start = time.monotonic()
    job, errors = in_background(lambda: out.write.parquet(path("second")))
    wait(lambda: requests() > COUNT // 3 or not job.is_alive(), 240, "less than a third of the rows was fetched in 240 seconds")
    victim = next((one for one in executors(spark) if processes() & children(one)), None)
    check(victim is not None, "no executor has a fetchpool")
    assert victim is not None
    orphans = {one for name in ("fetchpool", "fetchpool-fetch", "fixture-processor") for one in processes(name)} & children(victim)
    os.kill(victim, signal.SIGKILL)

    def left() -> set[int]:
        return orphans & {one for name in ("fetchpool", "fetchpool-fetch", "fixture-processor") for one in processes(name)}

    wait(lambda: not left(), 5, "processes of the killed executor run on")
    job.join()
    check(not errors, f"the job failed: {errors}")
    again = requests() - COUNT
    check(again > 0, "the executor was killed too late: no row was fetched again")
    say(f"with an executor killed: {time.monotonic() - start:.1f} s, and {again:,} rows fetched twice")
    compare(spark, "second", COUNT)


def coordinator_killed(spark: SparkSession) -> None:
    """One coordinator dies at its start (a script dies in its place); another is killed in the middle of the run."""
    wrapper = path("wrapper")
    with open(wrapper, "w") as file:
        file.write(f"#!/bin/sh\nif mkdir '{work}/died' 2>/dev/null; then echo 'a last word' >&2; kill -s SEGV $$; fi\nexec '{program}' \"$@\"\n")
    os.chmod(wrapper, 0o755)
    rows = table(spark, 4_000, "few")
    options = {**common, "program": wrapper, "exec": processor, "crash_retries": 0, "rate": "100/s"}
    out = fetch(rows.where("id % 100 != 37"), partitions=2, **options)
    ask("/reset-stats")
    job, errors = in_background(lambda: out.write.parquet(path("third")))
    wait(lambda: requests() > 500, 60, "at most 500 rows were fetched in 60 seconds")
    os.kill(min(processes()), signal.SIGKILL)
    job.join()
    check(not errors, f"the job failed: {errors}")
    equal(spark.read.parquet(path("third")).where("outcome = 'ok'").select("id").distinct().count(), 3_960, "the number of rows")
    log = spark_log()
    check("fetchpool was ended by SIGSEGV in partition" in log and "a last word" in log, "the log has no failure by SIGSEGV with the last line of standard error")
    check("fetchpool was ended by SIGKILL in partition" in log, "the log has no failure by SIGKILL of the coordinator that was killed")


def ends_early(spark: SparkSession) -> None:
    """A reader that wants no more rows, and a job that is cancelled, end all processes."""
    slow = spark.range(40).selectExpr(f"concat('http://h', id, '.test:{port}/delay/', if(id < 5, 1, 25000)) as url")
    equal(len(fetch(slow, partitions=1, **common).limit(3).collect()), 3, "the number of rows")
    wait(lambda: not processes(), 10, "processes run on after the reader left")
    spark.sparkContext.setJobGroup("cancelled", "a job that is cancelled", interruptOnCancel=True)
    job, errors = in_background(lambda: fetch(slow, partitions=2, **common).write.parquet(path("cancelled")))
    wait(processes, 60, "no fetchpool was started")
    spark.sparkContext.cancelAllJobs()
    job.join()
    check(errors, "the cancelled job did not fail")
    wait(lambda: not processes() and not processes("fetchpool-fetch"), 20, "processes run on after the job was cancelled")


def resumes(spark: SparkSession) -> None:
    """The rows of finished partitions stay when a job fails, and are not fetched again."""
    rows = table(spark, 3_000, "resumed")
    # Only the first two starts of fetchpool succeed; the failures of the other partitions end the job.
    wrapper = path("quits")
    with open(wrapper, "w") as file:
        file.write(f"#!/bin/sh\ncd '{work}' && mkdir one 2>/dev/null || mkdir two 2>/dev/null || exit 4\nexec '{program}' \"$@\"\n")
    os.chmod(wrapper, 0o755)
    given = ["--input", path("resumed"), "--format", "parquet", "--output", path("fourth"), "--partitions", "6"]
    given += ["--resolve", f"*:{port}:127.0.0.1"]
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        equal(fetchpool_spark.main([*given, "--program", wrapper]), 1, "the status of the failing job")
    check("fetchpool ended with status 4 (its workers cannot start)" in said.getvalue(), f"it says: {said.getvalue()}")
    left = 3_000 - spark.read.parquet(path("fourth")).count()
    check(0 < left < 3_000, f"{left} rows are left")
    status, text = run_main(*given)
    equal(status, 2, "the status without --resume")
    check("--resume" in text, f"it says: {text}")
    ask("/reset-stats")
    status, text = run_main(*given, "--resume")
    equal((status, text), (0, f"fetchpool_spark: 3,000 rows ({left:,} new): 3,000 ok; in {path('fourth')}"), "what it says")
    equal(requests(), left, "the number of requests")
    equal(spark.read.parquet(path("fourth")).select("id").distinct().count(), 3_000, "the number of ids")
    # All rows without a URL count as one row. Rows that differ in a column of `resume_on` are different rows.
    more = rows.where("id < 10").unionByName(spark.sql("select 9L id, string(null) url, 'x' note"))
    done = rows.where("id < 5").unionByName(spark.sql("select 9L id, string(null) url, 'x' note"))
    equal(sorted(row.id for row in fetch(more, resume=done, **common).collect()), [5, 6, 7, 8, 9], "the ids")
    other = done.withColumn("note", F.lit("another"))
    equal(fetch(more, resume=other, resume_on=["url", "note"], partitions=2, **common).count(), 11, "the number of rows with another key")


def inputs(spark: SparkSession) -> None:
    """Text, CSV and NDJSON as input, kept columns of odd types, and odd URLs."""
    with open(path("list.txt"), "w") as file:
        file.write(f"{address}/get?1\n\n# a comment\nno url\n{address}/status/404\n")
    with open(path("list.csv"), "w") as file:
        file.write(f'city,link\n"Frankfurt, ""Main""\nHesse",{address}/get?2\nnothing,\n')
    with open(path("list.ndjson"), "w") as file:
        file.write(f'{{"url":"{address}/get?3","row":{{"a":[1,2]}},"big":12345678901234567890}}\n{{"url":null,"row":null}}\n')
    text = ["--input", path("list.txt"), "--format", "text", "--output", path("text")]
    equal(run_main(*text), (0, f"fetchpool_spark: 3 rows: 1 http_error, 1 invalid, 1 ok; in {path('text')}"), "what it says")
    csv = ["--input", path("list.csv"), "--format", "csv", "--url-column", "link", "--output", path("csv"), "--processor", "json"]
    equal(run_main(*csv)[0], 0, "the status")
    rows = {row.city: row for row in spark.read.parquet(path("csv")).collect()}
    row = rows['Frankfurt, "Main"\nHesse']
    equal((row.outcome, row.link, json.loads(row.result)["type"]), ("ok", f"{address}/get?2", "object"), "a row of CSV")
    equal((rows["nothing"].outcome, rows["nothing"].link), ("invalid", None), "the row without a URL")
    ndjson = ["--input", path("list.ndjson"), "--format", "ndjson", "--output", path("ndjson"), "--output-format", "ndjson"]
    equal(run_main(*ndjson, "--headers")[0], 0, "the status")
    found = [json.loads(line) for line in os.popen(f"cat '{path('ndjson')}'/part-*").readlines()]
    row = next(row for row in found if "row" in row)
    equal((row["row"], row["big"], row["outcome"]), ({"a": [1, 2]}, 12345678901234567890, "ok"), "a row of NDJSON")
    check({"name": "content-type", "value": "application/json"} in row["headers"], f"the header fields are {row['headers']}")

    kinds = """select id, case id when 1 then null when 2 then 'junk' when 3 then cast(unhex('ff68') as string)
        when 4 then 'data:text/html,<p>x' when 5 then '' when 6 then repeat('x', 9000000) else 'data:,x' end as url,
        timestamp '2026-01-02 03:04:05.678901' as t, timestamp_ntz '2026-01-02 03:04:05' as n, date '0001-01-01' as day,
        cast(id as decimal(38,9)) / 7 as d, unhex('00ff') as b, cast(unhex('ff') as string) as s, interval 3 days as i, cast(null as void) as v,
        if(id = 1, null, array(named_struct('a', id, 'm', map('x', array(id))))) as a, float('nan') as f, 'é' as `x.y z`,
        id as status, 'mine' as `Error`, id as outcome2 from range(8)"""
    odd = spark.sql(kinds)
    spark.conf.set("spark.sql.session.timeZone", "America/Denver")
    out = fetch(odd, partitions=3, **common).cache()
    equal(out.schema.fields[: len(odd.columns)], odd.schema.fields, "the types")
    equal([name for name in out.columns if name.startswith("fetch_")], ["fetch_status", "fetch_error"], "the renamed columns")
    compared = "xxhash64(id, url, t, n, day, d, b, s, i, to_json(struct(a)), f, `x.y z`, status, `Error`, outcome2)"
    before, after = (Counter(row[0] for row in df.selectExpr(compared).collect()) for df in (odd, out))
    equal(after, before, "the hashes of the kept columns")
    outcomes = {row.id: (row.outcome, row.fetch_error and row.fetch_error["class"]) for row in out.collect()}
    refused = {1: "url", 2: "scheme", 3: "url", 5: "url", 6: "line_too_long"}
    equal(outcomes, {n: ("invalid", refused[n]) if n in refused else ("ok", None) for n in range(8)}, "the outcomes")
    message = out.where("id = 2").collect()[0].fetch_error.message
    check(message.startswith("the URL has no scheme"), f"the message is: {message}")
    out.unpersist()
    spark.conf.unset("spark.sql.session.timeZone")

    # First check: columns become members of the task. Second check: one slow row runs beside many quick rows, while
    # fetchpool has only a few rows at a time (`window`).
    posts = spark.sql(f"select '{address}/echo' url, 'POST' method, cast('a\"b' as binary) body, map('x-a', 'b') headers, id row from range(3)")
    out = fetch(posts, task_columns={"method": "method", "body": "body", "headers": "headers", "meta": "row"}, exec=worker("echo"), **common)
    for row in out.collect():
        result = json.loads(row.result)
        check(row.fetch_method == "POST" and 'a\\"b' in result["text"] and "x-a" in result["text"], f"the row is {row}")
        equal(result["meta"], row.row, "the meta of a worker")
    slow = spark.range(3_000).selectExpr("id", f"if(id = 0, '{address}/delay/2000', concat('data:,', id)) url")
    out = fetch(slow.repartition(1), partitions=1, window=7, **common)
    equal(out.where("outcome = 'ok'").select("id").distinct().count(), 3_000, "the number of rows beside a slow one")


def records() -> None:
    """The column `more` holds the members that have no column, and the values that do not fit their columns.

    The members in `LEFT_OUT` are left out.
    """
    import pyarrow as pa

    types = fetchpool_spark._arrow_types()
    record = {"v": 1, "id": "1", "outcome": "ok", "status": "200", "new": [1], "error": {"class": "x", "newer": 2}, "attempt": 1 << 40}
    columns = dict(zip(types, fetchpool_spark._columns([record, {"outcome": "ok", "status": 200}], types)))
    equal(columns["outcome"].to_pylist(), ["ok", "ok"], "the outcomes")
    equal(columns["status"].to_pylist(), [None, 200], "the statuses")
    equal(columns["error"].to_pylist()[0], {"class": "x", "message": None, "retryable": None}, "the error")
    more = [json.loads(text) if text else None for text in columns["more"].to_pylist()]
    rest = {"status": "200", "new": [1], "error": {"class": "x", "newer": 2}, "attempt": 1 << 40}
    equal(more, [rest, None], "the rest")
    equal([column.type for column in columns.values()], [pa.field("", kind).type for kind in types.values()], "the types")
    # The columns and the members in `LEFT_OUT` are the members of the schema that fetchpool prints.
    schema = json.loads(subprocess.run([program, "schema", "records"], stdout=subprocess.PIPE, check=True).stdout)
    known = set(fetchpool_spark.COLUMNS) - {"more"} | fetchpool_spark.LEFT_OUT
    equal(known, set(schema["properties"]), "the members of the schema")
    options = {line.split()[0] for line in os.popen(f"'{program}' --help | grep -oE '[-][-][a-z-]+'")}
    unknown = {f"--{name}" for name in fetchpool_spark.REFUSED} - options
    equal(unknown, set(), "refused options that fetchpool does not have")


def bad_setups(spark: SparkSession) -> None:
    df = spark.sql("select 1 number, 'data:,x' link, make_interval(1) span")
    for options, expected in (
        ({}, "there is no column 'url'; the columns are: 'number', 'link', 'span'; see url_column, task_columns and resume_on"),
        ({"url_column": "number"}, "the column 'number' is of type int; cast it to string"),
        ({"url_column": "link"}, "the column 'span' is of type interval"),
        ({"url_column": "link", "stats": "x"}, "--stats cannot be given under Spark: all task slots would write the same file"),
        ({"url_column": "link", "task_columns": "verb"}, "'verb' is no member of a task"),
        ({"url_column": "link", "window": 0}, "must be 1 or more"),
    ):
        try:
            fetch(df if "task_columns" not in options else df.drop("span"), **options)  # type: ignore[arg-type]
            check(False, f"{options} gave no error")
        except FetchpoolError as error:
            check(expected in str(error), f"the sentence is: {error}")
    try:
        fetch(spark.sql("select 'data:,x' url, array(interval 1 month) span"))
        check(False, "an interval in months gave no error")
    except FetchpoolError as error:
        check("the column 'span' is of type array<interval month>, which" in str(error), f"the sentence is: {error}")
    good = df.select(F.col("link").alias("url"))
    for options, expected in (
        ({"program": "/nowhere/fetchpool"}, "the option program names '/nowhere/fetchpool', which is no program on"),
        ({"program": program, "per_hosts": 2}, "fetchpool: unknown option '--per-hosts'"),
        ({"program": program, "exec": "/nowhere"}, "--exec: the program '/nowhere' does not exist"),
    ):
        try:
            fetch(good, **options).collect()
            check(False, f"{options} gave no error")
        except Exception as error:
            check(expected in str(fetchpool_spark._sentence(error)), f"the sentence is: {fetchpool_spark._sentence(error)}")
    # `--insecure` takes no value, so fetchpool must refuse the word `data:,y`. If it fetched this word in place of
    # the only row, the record would have the id of the row.
    with open(path("one.txt"), "w") as file:
        file.write("data:,x\n")
    status, text = run_main("--input", path("one.txt"), "--format", "text", "--output", path("stray"), "--insecure", "data:,y")
    equal(status, 1, "the status with a stray word")
    check("fetchpool ended with status 2 (wrong usage)" in text, f"it says: {text}")


def machines() -> None:
    """Checks the message for each thing that a machine may lack. Each check runs in a new process."""
    bare = [sys._base_executable, "-S", script]  # type: ignore[attr-defined]
    given = ["--input", path("x"), "--format", "text", "--output", path("y")]
    modules = path("modules")
    os.mkdir(modules)
    for module in ("pyspark", "py4j"):
        os.symlink(os.path.dirname(os.path.abspath(__import__(module).__file__)), os.path.join(modules, module))

    def says(expected: str, command: list[str], **variables: str) -> None:
        environment = {name: value for name, value in os.environ.items() if name not in ("JAVA_HOME", "SPARK_HOME")}
        ended = subprocess.run(command, env={**environment, **variables}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lines = [line for line in ended.stdout.splitlines() if line.startswith("fetchpool_spark: ")]
        check(ended.returncode in (1, 2) and len(lines) == 1 and expected in lines[0], f"it says: {ended.stdout[-3000:]}")

    says("has no module pyspark; run this by spark-submit, or: pip install pyspark", bare + given)
    says("has no module pyarrow; install it", bare + given, PYTHONPATH=modules)
    says("there is no Java in PATH, and JAVA_HOME is not set; install Java 17", [sys.executable, script, *given], PATH="/nowhere")
    # Executors whose Python lacks pyarrow, and executors without the program fetchpool.
    with open(path("x"), "w") as file:
        file.write("data:,x\n")
    python = path("python")
    with open(python, "w") as file:
        file.write(f"#!/bin/sh\nexec '{sys._base_executable}' -S \"$@\"\n")  # type: ignore[attr-defined]
    os.chmod(python, 0o755)
    submit = [os.path.join(os.path.dirname(sys.executable), "spark-submit"), "--master", "local[1]", script, *given]
    says("has no module pyarrow; install it", submit, PYSPARK_DRIVER_PYTHON=sys.executable, PYSPARK_PYTHON=python)
    says("there is no program fetchpool on", submit, PYSPARK_DRIVER_PYTHON=sys.executable, PATH="/usr/bin:/bin", JAVA_HOME=java_home())


def java_home() -> str:
    java = os.path.realpath(os.popen("command -v java").read().strip())
    return os.path.dirname(os.path.dirname(java))


def submitted() -> None:
    """A command as in Spark.md, with the archive shipped to executors."""
    table_file = path("list.txt")
    with open(table_file, "w") as file:
        file.writelines(f"{address}/page/{number}\n" for number in range(100))
    command = [os.path.join(os.path.dirname(sys.executable), "spark-submit"), "--master", "local-cluster[2,1,1024]"]
    command += ["--archives", f"{archive}#fetchpool", "--files", f"{path('words.py')},{shared}/fetchpool_worker.py"]
    command += [os.path.join(shared, "fetchpool_spark.py"), "--input", table_file, "--format", "text", "--output", path("submitted")]
    command += ["--partitions", "2", "--exec", "python3 words.py", "--per-host", "4"]
    # spark-submit writes the messages of its program to standard output, and its own log to standard error.
    ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    check(ended.returncode == 0, f"it ends with status {ended.returncode}: {ended.stderr[-3000:]}")
    said = [line for line in ended.stdout.splitlines() if line.startswith("fetchpool_spark: ")]
    equal(said, [f"fetchpool_spark: 100 rows: 100 ok; in {path('submitted')}"], "what it says")


def main() -> None:
    steps: dict[str, tuple[bool, Callable[..., None]]] = {
        "hosts": (False, lambda: hosts_and_keys(None)),
        "records": (False, records),
        "inputs": (True, inputs),
        "crashes": (True, crashes),
        "executor": (True, executor_killed),
        "coordinator": (True, coordinator_killed),
        "early": (True, ends_early),
        "resume": (True, resumes),
        "setups": (True, bad_setups),
        "submit": (False, submitted),
        "machines": (False, machines),
    }
    names = chosen or list(steps)
    spark: Optional[SparkSession] = None
    for name in names:
        needs_session, work_of = steps[name]
        if needs_session:
            if spark is None:
                builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("fetchpool")
                spark = builder.config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", 4).getOrCreate()
            work_of(spark)
        else:
            if spark is not None:
                spark.stop()
                spark = None
            work_of()
        say(name)
    if spark is not None:
        spark.stop()


try:
    main()
finally:
    server.terminate()
    server.wait()
