# SPDX-License-Identifier: MIT
# fetchpool
"""Fetches the URLs of a Spark DataFrame with fetchpool.

In a program of yours:

    from fetchpool_spark import fetch

    fetch(spark.read.parquet("pages"), processor="links", per_host=4).write.parquet("records")

As a program of its own:

    spark-submit --archives fetchpool-….tar.gz#fetchpool fetchpool_spark.py --input pages --format parquet --output records

The rows of a host are in one partition, and one process of fetchpool fetches a partition. Each row comes back
with all of its own columns and the columns of its record. The module needs Python with pyarrow and pandas on
each machine, and Spark 3.5 or newer. `Sources/fetchpool/fetchpool.docc/Spark.md` says more.
"""

from __future__ import annotations

import argparse
import contextlib
import glob
import importlib.util
import ipaddress
import json
import os
import queue
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import unicodedata
import urllib.parse
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, Optional, Union

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.accumulators import Accumulator
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["FetchpoolError", "fetch", "outcome_counts"]

# The default of `window`: the most rows of a partition that fetchpool has at a time. Reading this many rows
# ahead keeps most hosts busy.
WINDOW = 10_000
# A batch of output rows ends at the first of these limits.
BATCH_ROWS = 2_000
BATCH_BYTES = 8 << 20
BATCH_SECONDS = 5.0
# The most rows whose lines are encoded at a time.
FEED_ROWS = 500
READ_BYTES = 256 << 10
TAIL_BYTES = 8 << 10
# The time between checks of the connection to Spark while no records come.
LOOK_SECONDS = 1.0
# The longest time without output before the end of standard output, and the longest wait for the end of the
# process after it.
EXIT_SECONDS = 60.0

STATUSES = {
    2: "wrong usage",
    3: "input or output failed",
    4: "its workers cannot start",
    5: "ended early by --max-failures",
}

# The columns of a record with their Spark types, as in DDL. `outcome` is first; the others have the order of the record's
# members. `v`, `id`, `url` and `meta` are left out: the row's own columns say which row it is.
COLUMNS = {
    "outcome": "string",
    "method": "string",
    "status": "int",
    "final_url": "string",
    "redirects": "int",
    "redirect_chain": "array<struct<url:string,status:int>>",
    "http_version": "string",
    "remote_ip": "string",
    "content_type": "string",
    "headers": "array<struct<name:string,value:string>>",
    "bytes": "struct<wire:bigint,body:bigint>",
    "timing": "struct<dns_ms:double,connect_ms:double,tls_ms:double,ttfb_ms:double,total_ms:double,process_ms:double>",
    "insecure": "boolean",
    "fetched_at": "timestamp",
    "attempt": "int",
    "worker": "struct<id:int,pid:bigint>",
    "processor": "struct<name:string,id:int,pid:bigint>",
    "signal": "string",
    "exit_code": "int",
    "stderr_tail": "array<string>",
    "peak_rss_kb": "bigint",
    "body_path": "string",
    "result": "string",
    "attempts": "array<struct<class:string,total_ms:double,wait_ms:double>>",
    "error": "struct<class:string,message:string,retryable:boolean>",
    "more": "string",
}
# Members of a record that are no columns.
LEFT_OUT = {"v", "id", "url", "meta"}

_ROWS = "the rows of the DataFrame are the input; choose them there"
_WRITES = "all task slots would write the same file"
_SPARK = "Spark writes the output"
# The options of fetchpool that cannot be given under Spark, each with the reason or the replacement.
REFUSED = {
    "input": _ROWS,
    "input-format": _ROWS,
    "only": _ROWS,
    "url-column": "give url_column",
    "id-column": _ROWS,
    "limit": _ROWS,
    "shard": "Spark divides the rows by host",
    "output": _SPARK,
    "ordered": _SPARK,
    "fields": "select the columns",
    "resume": "give resume",
    "retry-failed": "give resume a DataFrame of the rows that must not be fetched again",
    "fsync": _SPARK,
    "values": "result is JSON text",
    "supervised": "Spark starts the coordinators",
    "cookie-jar": _WRITES,
    "stats": _WRITES,
    "metrics": _WRITES,
    "report": _WRITES,
    "deadline": "Spark would only begin the partition again; end the job instead",
    "help": "run fetchpool --help",
    "version": "run fetchpool --version",
}
SHORT = {"i": "input", "o": "output", "h": "help"}
# Letters of short options without a value: another letter may follow in the same word.
SHORT_FLAGS = "qvk"
TASK_MEMBERS = ("method", "headers", "body", "body_base64", "timeout_s", "idempotent", "meta")


class FetchpoolError(RuntimeError):
    """An error whose message says what is wrong, and what to change."""


# The driver


def fetch(
    df: DataFrame,
    *,
    url_column: str = "url",
    program: Optional[str] = None,
    partitions: Optional[int] = None,
    window: int = WINDOW,
    task_columns: Union[Sequence[str], dict[str, str]] = (),
    prefix: str = "",
    resume: Union[DataFrame, str, None] = None,
    resume_on: Sequence[str] = (),
    counts: Optional[Accumulator[Any]] = None,
    **options: Any,
) -> DataFrame:
    """Returns a DataFrame with the rows of `df`, each with the columns of its record.

    The DataFrame is lazy: each action on it fetches all rows again, so write it, and read what was written.

    - `url_column`: the column with the URLs, a string.
    - `program`: the path of fetchpool on the executors; without it, the executors search for fetchpool.
    - `partitions`: the number of partitions; `spark.sql.shuffle.partitions` by default. All rows of a host
      are in one partition.
    - `window`: the most rows of a partition that fetchpool has at a time.
    - `task_columns`: columns whose values become members of fetchpool's task, such as `["method", "body"]`, or `{"meta": "row"}`
      if the column of a member has another name.
    - `prefix`: stands before the name of each column of the record. Without a prefix, `fetch_` stands before
      a name only if `df` has a column with this name too.
    - `resume`: rows that are left out, as a DataFrame, or as a folder of Parquet to which a result of `fetch` was written.
    - `resume_on`: the columns by which the rows of `df` and of `resume` are compared; the URL by default.
    - `counts`: an accumulator from `outcome_counts`.
    - All other arguments are options of fetchpool: `per_host=4`, `exec="python3 parse.py"`,
      `header=["A: b", "C: d"]`, `insecure=True`.

    Raises `FetchpoolError` if the driver finds an error. If an executor finds an error, the action fails.
    """
    plan = _fetch(
        df, _arguments(options), url_column, program, partitions, window, task_columns, prefix, resume, resume_on, counts
    )
    return plan


def outcome_counts(spark: SparkSession) -> Accumulator[Any]:
    """Returns an accumulator for `fetch(…, counts=…)`.

    After an action, the `value` of the accumulator is the number of rows by outcome. The accumulator counts
    the rows that Spark's tasks have fetched. If Spark runs a completed task again, the rows of this task
    count again. For exact numbers, count the rows of the output.
    """
    from pyspark.accumulators import AccumulatorParam

    class Outcomes(AccumulatorParam[Any]):
        def zero(self, value: Any) -> Any:
            return {}

        def addInPlace(self, value1: Any, value2: Any) -> Any:
            for outcome, number in value2.items():
                value1[outcome] = value1.get(outcome, 0) + number
            return value1

    _travel_by_value()
    return spark.sparkContext.accumulator({}, Outcomes())


def _fetch(
    df: DataFrame,
    arguments: list[str],
    url_column: str,
    program: Optional[str],
    partitions: Optional[int],
    window: int,
    task_columns: Union[Sequence[str], dict[str, str]],
    prefix: str,
    resume: Union[DataFrame, str, None],
    resume_on: Sequence[str],
    counts: Optional[Accumulator[Any]],
) -> DataFrame:
    _require("pyarrow", "pandas")
    from pyspark.sql import functions as F
    from pyspark.sql.types import StringType, StructField, StructType

    spark = df.sparkSession
    _travel_by_value()
    place = _place(df, url_column)
    if not isinstance(df.schema[place].dataType, StringType):
        kind = df.schema[place].dataType.simpleString()
        raise FetchpoolError(f"the column '{url_column}' is of type {kind}; cast it to string")
    if window < 1 or (partitions is not None and partitions < 1):
        raise FetchpoolError("window and partitions must be 1 or more")
    if resume is not None:
        df = _without(df, resume, list(resume_on) or [df.columns[place]])
    names = df.columns
    _check_types(df.schema)

    # The columns get the names `_0`, `_1` and so on, because equal names and names with dots cause errors.
    kept = [f"_{index}" for index in range(len(names))]
    rows = df.toDF(*kept)
    members = _members(df, task_columns)
    url = F.col(kept[place])
    if members:
        parts = F.struct(*[F.col(kept[at]).alias(name) for name, at in members.items()])
        rows = rows.withColumn("_task", F.to_json(parts, {"ignoreNullFields": "true"}))
    if spark.conf.get("spark.speculation", "false") == "true":
        _say("spark.speculation is on: a second copy of a slow task fetches the same hosts at the same time; turn it off")
    scheme = _value(arguments, "default-scheme")
    host = F.udf(_keys(scheme is not None), "string", useArrow=False)
    # The URL is passed as bytes, because its text may be invalid UTF-8.
    rows = rows.withColumn("_host", host(url.cast("binary")))
    if partitions is None:
        partitions = int(spark.conf.get("spark.sql.shuffle.partitions") or 200)
    rows = rows.repartition(partitions, "_host").drop("_host")

    record_names = _record_names(names, prefix)
    fields = [StructField(new, field.dataType, field.nullable, field.metadata) for new, field in zip(kept, df.schema)]
    fields += [StructField(f"_{name}", kind) for name, kind in _spark_types().items()]
    task = _Task(
        program=program,
        arguments=_defaults(arguments, int(spark.conf.get("spark.task.cpus", "1") or 1)),
        window=window,
        url=place,
        url_column=names[place],
        columns=len(names),
        has_task=bool(members),
        counts=counts,
    )
    fetched = rows.mapInArrow(task.run, StructType(fields))
    return fetched.toDF(*names, *record_names)


def _place(df: DataFrame, column: str) -> int:
    """Returns the index of the column whose name is `column`.

    If no column has exactly this name, letter case is ignored, as in Spark.
    """
    exact = [index for index, name in enumerate(df.columns) if name == column]
    found = exact or [index for index, name in enumerate(df.columns) if name.lower() == column.lower()]
    if not found:
        there = ", ".join(f"'{name}'" for name in df.columns)
        raise FetchpoolError(f"there is no column '{column}'; the columns are: {there or 'none'}; see url_column, task_columns and resume_on")
    if len(found) > 1:
        raise FetchpoolError(f"{len(found)} columns are called '{column}'; rename all but one")
    return found[0]


def _members(df: DataFrame, columns: Union[Sequence[str], dict[str, str]]) -> dict[str, int]:
    """Returns the members of the task, each with the index of its column."""
    from pyspark.sql.types import BinaryType

    if isinstance(columns, str):
        columns = [columns]
    named = dict(columns) if isinstance(columns, dict) else {name: name for name in columns}
    members = {}
    for member, column in named.items():
        if member not in TASK_MEMBERS:
            raise FetchpoolError(f"'{member}' is no member of a task; there are: {', '.join(TASK_MEMBERS)}")
        place = _place(df, column)
        # `to_json` of Spark writes bytes as base64.
        is_bytes = member == "body" and isinstance(df.schema[place].dataType, BinaryType)
        members["body_base64" if is_bytes else member] = place
    return members


def _record_names(taken: Sequence[str], prefix: str) -> list[str]:
    """Returns the names of the record's columns. None of them is the name of a column of the row."""
    used = {name.lower() for name in taken}
    names = [prefix + name if prefix else ("fetch_" + name if name in used else name) for name in COLUMNS]
    twice = [name for name in names if name.lower() in used]
    if twice:
        raise FetchpoolError(f"the column '{twice[0]}' is there already; give another prefix")
    return names


def _check_types(schema: Any) -> None:
    for field in schema:
        # PySpark gives Arrow no values of these types. A column's type can also contain one of these types.
        if any(name in repr(field.dataType) for name in ("CalendarIntervalType(", "YearMonthIntervalType(")):
            kind = field.dataType.simpleString()
            raise FetchpoolError(f"the column '{field.name}' is of type {kind}, which PySpark cannot give to Arrow; cast it to string")


def _without(df: DataFrame, resume: Union[DataFrame, str], keys: list[str]) -> DataFrame:
    """Returns the rows of `df`, except those whose values of the columns `keys` are in a row of `resume`."""
    from functools import reduce

    places = [_place(df, key) for key in keys]
    done = resume
    if isinstance(done, str):
        done = df.sparkSession.read.parquet(done)
    from pyspark.sql import functions as F

    left, right = [f"_{index}" for index in range(len(df.columns))], [f"_key{index}" for index in range(len(keys))]
    in_done = [_place(done, key) for key in keys]
    rows = done.toDF(*[f"_{index}" for index in range(len(done.columns))])
    rows = rows.select(*[F.col(f"_{at}").alias(name) for at, name in zip(in_done, right)]).distinct()
    # Two null keys are equal.
    same = [F.col(left[at]).eqNullSafe(F.col(name)) for at, name in zip(places, right)]
    return df.toDF(*left).join(rows, reduce(lambda a, b: a & b, same), "left_anti").toDF(*df.columns)


def _travel_by_value() -> None:
    """Makes Spark send the code of this module to the executors, so that no executor needs a file of it."""
    if __name__ != "__main__":
        from pyspark import cloudpickle

        cloudpickle.register_pickle_by_value(sys.modules[__name__])


def _require(*modules: str) -> None:
    for module in modules:
        if importlib.util.find_spec(module) is None:
            raise FetchpoolError(
                f"Python on {socket.gethostname()} ({sys.executable}) has no module {module}; "
                f"install it, for example with: pip install {module}"
            )


# Options


def _arguments(options: dict[str, Any]) -> list[str]:
    """Returns the options of fetchpool that keyword arguments stand for."""
    arguments = []
    for name, value in options.items():
        option = "--" + name.replace("_", "-")
        for one in value if isinstance(value, (list, tuple)) else [value]:
            if one is True:
                arguments.append(option)
            elif one is not None and one is not False:
                arguments.append(f"{option}={one}")
    return _checked(arguments)


def _checked(arguments: list[str]) -> list[str]:
    for argument in arguments:
        if argument.startswith("--"):
            name = argument[2:].partition("=")[0]
        else:
            # The argument can hold several short options, or an option and its value: `-qo` or `-oFILE`.
            letters = argument[1:].lstrip(SHORT_FLAGS) if argument.startswith("-") else ""
            name = SHORT.get(letters[:1], "")
        if name in REFUSED:
            raise FetchpoolError(f"fetchpool's option --{name} cannot be given under Spark: {REFUSED[name]}")
    return arguments


def _value(arguments: list[str], name: str) -> Optional[str]:
    """Returns the value of an option; None if it is not given."""
    value = None
    for index, argument in enumerate(arguments):
        if argument == f"--{name}" and index + 1 < len(arguments):
            value = arguments[index + 1]
        elif argument.startswith(f"--{name}="):
            value = argument.partition("=")[2]
    return value


def _defaults(arguments: list[str], cpus: int) -> list[str]:
    """Adds defaults to the options.

    `--workers` is `spark.task.cpus` by default, because a task slot has this number of cores.
    """

    def has(*names: str) -> bool:
        return any(argument.partition("=")[0] in names or argument[:2] in names for argument in arguments)

    before = [] if has("--verbose", "-v", "--quiet", "-q") else ["--quiet"]
    # A word that belongs to no option, such as `true` in `--insecure true`, would be a URL for fetchpool. With
    # `--input-format`, fetchpool refuses such words. Otherwise, it would fetch them in place of the rows, and
    # their records would have the ids of rows.
    before += ["--values=text", "--progress=off", "--input-format=lines"]
    if not has("--workers", "-w"):
        before.append(f"--workers={cpus}")
    if has("--processor", "-p", "--exec", "-x") and not has("--fetchers"):
        before.append("--fetchers=1")
    return before + arguments


# Hosts

_PLAIN = re.compile(rb"https?://((?:[a-z0-9_-]+\.)*[a-z_-][a-z0-9_-]*)(?::[0-9]+)?(?:[/?#]|$)", re.IGNORECASE)
_SCHEME = re.compile(r"https?:[/\\]*", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
_IGNORED = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]")


def _keys(has_default_scheme: bool) -> Callable[[Optional[bytes]], Optional[str]]:
    """Returns a function for Spark that calls `_key`.

    The first call also checks that pyarrow is installed, before Spark needs pyarrow.
    """
    is_checked = False

    def key(url: Optional[bytes]) -> Optional[str]:
        nonlocal is_checked
        if not is_checked:
            _require("pyarrow")
            is_checked = True
        return _key(url, has_default_scheme)

    return key


def _key(url: Optional[bytes], has_default_scheme: bool) -> Optional[str]:
    """Returns a text that is the same for all URLs of a host; None for a null URL.

    Two hosts of fetchpool may have the same text, such as one name with two ports. Without a default scheme, the
    text for a URL that is not HTTP is a checksum, which spreads such rows over the partitions.
    """
    if url is None:
        return None
    url = bytes(url)
    plain = _PLAIN.match(url)
    if plain is not None:
        host = plain[1].lower()
        if b"xn--" not in host:
            return host.decode()
    # These are the steps of the URL Standard without its checks. A URL that fails the checks is not fetched.
    text = re.sub("[\t\n\r]", "", url.decode("utf-8", "replace").strip("".join(map(chr, range(33)))))
    scheme = _SCHEME.match(text)
    if scheme is None and not has_default_scheme:
        return f"?{zlib.crc32(url):08x}"
    rest = text[scheme.end() :] if scheme is not None else text.lstrip("/\\")
    host_text = re.split(r"[/\\?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    if host_text.startswith("["):
        try:
            return ipaddress.IPv6Address(host_text[1:].partition("]")[0]).compressed
        except ValueError:
            return host_text.lower()
    host_text = _mapped(urllib.parse.unquote(re.sub(":[0-9]*$", "", host_text), errors="replace"))
    labels = [_mapped(_decoded(label)) for label in host_text.replace("\u3002", ".").split(".")]
    if len(labels) > 1 and not labels[-1]:
        labels.pop()
    if _NUMBER.fullmatch(labels[-1]):
        return _address(labels)
    return ".".join(labels)


def _mapped(text: str) -> str:
    """Returns the same text for all spellings of a name that UTS 46 treats as equal, and for a few more.

    The result is nearly the same as the result of NFKC_Casefold.
    """
    for _ in range(2):
        text = unicodedata.normalize("NFKC", text).casefold()
        text = "".join(character for character in text if unicodedata.category(character) != "Cf")
        text = _IGNORED.sub("", text)
    return unicodedata.normalize("NFKC", text)


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label


def _address(labels: list[str]) -> str:
    """Returns the IPv4 address for labels, which may be octal or hexadecimal.

    If the labels are no address, the function returns the labels with dots.
    """
    try:
        numbers = [_number(label) for label in labels]
        address = numbers.pop()
        for index, number in enumerate(numbers):
            address += number << (8 * (3 - index))
        return str(ipaddress.IPv4Address(address))
    except ValueError:
        return ".".join(labels)


def _number(label: str) -> int:
    if label.startswith("0x"):
        return int(label[2:] or "0", 16)
    return int(label, 8) if len(label) > 1 and label.startswith("0") else int(label)


# The executor


@dataclass
class _Task:
    """The settings that an executor needs to fetch the rows of a partition."""

    program: Optional[str]
    arguments: list[str]
    window: int
    #: The index of the column with the URLs, and the name of this column.
    url: int
    url_column: str
    #: The number of the row's columns. If the task has members besides the URL, one more column follows, with
    #: these members.
    columns: int
    has_task: bool
    counts: Optional[Accumulator[Any]]

    def run(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Fetches the rows of `batches`, and yields them with their records, about in the order in which they end.

        Only the calling thread communicates with Spark; two threads of `_Coordinator` write and read the
        lines of fetchpool. So a slow fetchpool, slow input or a slow reader of the output causes delays, but
        no deadlock.
        """
        rows = _Rows(self)
        spark = _Connection()
        coordinator: Optional[_Coordinator] = None
        source = iter(batches)
        is_whole = False
        try:
            while True:
                while not is_whole and rows.has_place():
                    lines = rows.next_lines()
                    if lines:
                        if coordinator is None:
                            coordinator = _Coordinator(self)
                        coordinator.give(lines)
                    elif lines is None:
                        batch = next(source, None)
                        if batch is None:
                            is_whole = True
                        else:
                            rows.add(batch)
                    if rows.is_batch_due():
                        break
                if is_whole and coordinator is not None:
                    coordinator.give_end()
                if coordinator is not None and rows.waiting:
                    read = coordinator.take(min(rows.seconds_left(), LOOK_SECONDS))
                    if read is None:
                        raise coordinator.failure(len(rows.waiting))
                    if not read and spark.is_closed():
                        return
                    for line in read:
                        rows.end(line)
                if rows.is_batch_due() or (is_whole and not rows.waiting):
                    yield from rows.ended_batches()
                if is_whole and not rows.waiting:
                    break
            if coordinator is not None:
                coordinator.finish()
        finally:
            if coordinator is not None:
                coordinator.kill()


class _Connection:
    """The connection to Spark, which Spark closes when it wants no more rows, for example after `limit`.

    Without this class, Python would notice the end only when it writes its next rows, which may be much later.
    """

    def __init__(self) -> None:
        self._poll: Optional[select.poll] = None
        # Spark gives functions no access to the connection, but it is the variable `outfile` of a calling
        # function.
        frame: Any = sys._getframe()
        while frame is not None:
            file = frame.f_locals.get("outfile")
            if file is not None and hasattr(file, "fileno"):
                with contextlib.suppress(OSError, ValueError):
                    self._poll = select.poll()
                    self._poll.register(file.fileno(), select.POLLRDHUP)
                return
            frame = frame.f_back

    def is_closed(self) -> bool:
        return self._poll is not None and bool(self._poll.poll(0))


class _Held:
    """The rows of a batch that wait for their records. `shrink` frees the memory of the other rows."""

    __slots__ = ("batch", "places")

    def __init__(self, batch: pa.RecordBatch) -> None:
        self.batch = batch
        #: The index in `batch` of each waiting row, by the number of the row.
        self.places: dict[int, int] = {}

    def shrink(self) -> None:
        """Frees the memory of the ended rows if the batch is large and most of its rows have ended.

        Without this, a slow row would keep a whole batch in memory.
        """
        if len(self.places) * 2 < self.batch.num_rows and self.batch.num_rows > 32:
            self.batch = self.batch.take(_indexes(list(self.places.values())))
            self.places = {number: index for index, number in enumerate(self.places)}


class _Rows:
    """The rows of a partition: those to come, those that fetchpool has, and those that have ended."""

    def __init__(self, task: _Task) -> None:
        self._task = task
        #: The batches of the rows that fetchpool has, by the number of the row, which is also the number of
        #: its line in fetchpool's input.
        self.waiting: dict[int, _Held] = {}
        self._number = 0
        self._batch: Optional[_Held] = None
        self._next = 0
        self._left: list[pa.Array] = []
        self._fields: list[pa.Field] = []
        self._ended: list[tuple[pa.RecordBatch, int, dict[str, Any]]] = []
        self._ended_bytes = 0
        self._since = 0.0

    def has_place(self) -> bool:
        return len(self.waiting) < self._task.window

    def add(self, batch: pa.RecordBatch) -> None:
        """Adds the next batch of rows."""
        import pyarrow as pa

        kept = self._task.columns
        self._fields = [batch.schema.field(index) for index in range(kept)]
        # The URLs are read as bytes, since Spark does not check that a string is UTF-8.
        self._left = [_as_bytes(batch.column(self._task.url))]
        if self._task.has_task:
            self._left.append(batch.column(kept))
        self._batch = _Held(pa.RecordBatch.from_arrays(batch.columns[:kept], schema=pa.schema(self._fields)))
        self._next = 0

    def next_lines(self) -> Optional[bytes]:
        """Returns the lines of the next rows; None if there is no batch, or if its rows are used up.

        The result is empty if none of the next rows becomes a task.
        """
        held = self._batch
        if held is None:
            return None
        count = min(FEED_ROWS, held.batch.num_rows - self._next, self._task.window - len(self.waiting))
        if count <= 0:
            self._batch = None
            self._left = []
            return None
        columns = [array.slice(self._next, count).to_pylist() for array in self._left]
        lines = []
        for offset, url in enumerate(columns[0]):
            index = self._next + offset
            text, refusal = None, None
            if url is None:
                refusal = f"the column '{self._task.url_column}' of the row is null"
            else:
                try:
                    text = url.decode()
                except UnicodeDecodeError:
                    refusal = f"the column '{self._task.url_column}' of the row is not UTF-8"
            if text is None:
                error = {"class": "url", "message": refusal, "retryable": False}
                self._end(held.batch, index, {"outcome": "invalid", "error": error}, 0)
                continue
            self._number += 1
            rest = columns[1][offset][1:] if self._task.has_task else "}"
            comma = "" if rest == "}" else ","
            lines.append(f'{{"id":{self._number},"url":{_encode(text)}{comma}{rest}\n')
            held.places[self._number] = index
            self.waiting[self._number] = held
        self._next += count
        return "".join(lines).encode("utf-8", "replace")

    def end(self, line: bytes) -> None:
        """Ends the row whose record is in `line`."""
        try:
            record = json.loads(line)
            number = int(record["id"])
            held = self.waiting.pop(number)
        except (ValueError, KeyError, TypeError):
            shown = line[:200].decode("utf-8", "replace")
            raise FetchpoolError(f"fetchpool wrote a line that is no record of a task that it has: {shown}") from None
        if record.get("outcome") == "invalid":
            _forget_line(record, number)
        self._end(held.batch, held.places.pop(number), record, len(line))
        # The batch that is being sent does not shrink, because its unsent rows need their indexes.
        if held is not self._batch:
            held.shrink()

    def _end(self, batch: pa.RecordBatch, index: int, record: dict[str, Any], size: int) -> None:
        if not self._ended:
            self._since = time.monotonic()
        self._ended.append((batch, index, record))
        self._ended_bytes += size

    def seconds_left(self) -> float:
        """Returns the seconds until ended rows must be yielded; `BATCH_SECONDS` if there is no ended row."""
        return max(0.0, self._since + BATCH_SECONDS - time.monotonic()) if self._ended else BATCH_SECONDS

    def is_batch_due(self) -> bool:
        return len(self._ended) >= BATCH_ROWS or self._ended_bytes >= BATCH_BYTES or (
            bool(self._ended) and self.seconds_left() <= 0
        )

    def ended_batches(self) -> Iterator[pa.RecordBatch]:
        """Yields the rows that have ended, with their records."""
        import pyarrow as pa

        ended, self._ended, self._ended_bytes = self._ended, [], 0
        if not ended:
            return
        by_batch: dict[int, tuple[pa.RecordBatch, list[int], list[dict[str, Any]]]] = {}
        for batch, index, record in ended:
            _, indexes, records = by_batch.setdefault(id(batch), (batch, [], []))
            indexes.append(index)
            records.append(record)
        types = _arrow_types()
        fields = [pa.field(f"_{name}", kind) for name, kind in types.items()]
        schema = pa.schema(self._fields + fields)
        batches = []
        for batch, indexes, records in by_batch.values():
            columns = batch.take(_indexes(indexes)).columns + _columns(records, types)
            batches.append(pa.RecordBatch.from_arrays(columns, schema=schema))
        if self._task.counts is not None:
            self._task.counts.add(dict(Counter(record["outcome"] for _, _, record in ended)))
        if len(batches) > 1:
            batches = pa.Table.from_batches(batches, schema).combine_chunks().to_batches()
        yield from batches


def _forget_line(record: dict[str, Any], number: int) -> None:
    """Removes the line number from a message: it counts the lines of fetchpool's input, which nobody sees."""
    error = record.get("error")
    if isinstance(error, dict) and isinstance(error.get("message"), str):
        error["message"] = error["message"].removeprefix(f"line {number}: ")


def _encode(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _indexes(values: list[int]) -> pa.Array:
    import pyarrow as pa

    return pa.array(values, pa.int32())


def _as_bytes(array: pa.Array) -> pa.Array:
    import pyarrow as pa

    return array.view(pa.large_binary() if pa.types.is_large_string(array.type) else pa.binary())


# Records


def _arrow_types() -> dict[str, pa.DataType]:
    """Returns the types of the record's columns."""
    import pyarrow as pa

    simple = {
        "string": pa.string(),
        "int": pa.int32(),
        "bigint": pa.int64(),
        "double": pa.float64(),
        "boolean": pa.bool_(),
        "timestamp": pa.timestamp("us", tz="UTC"),
    }

    def struct(members: dict[str, Any]) -> pa.DataType:
        return pa.struct([pa.field(name, kind) for name, kind in members.items()])

    return {name: _built(text, simple, pa.list_, struct) for name, text in COLUMNS.items()}


def _spark_types() -> dict[str, Any]:
    """Returns the types of the record's columns as Spark types."""
    from pyspark.sql import types

    simple = {
        "string": types.StringType(),
        "int": types.IntegerType(),
        "bigint": types.LongType(),
        "double": types.DoubleType(),
        "boolean": types.BooleanType(),
        "timestamp": types.TimestampType(),
    }

    def struct(members: dict[str, Any]) -> Any:
        return types.StructType([types.StructField(name, kind) for name, kind in members.items()])

    return {name: _built(text, simple, types.ArrayType, struct) for name, text in COLUMNS.items()}


def _built(text: str, simple: dict[str, Any], array: Callable[[Any], Any], struct: Callable[[dict[str, Any]], Any]) -> Any:
    """Returns the type for a value of `COLUMNS`; structs hold only simple types."""
    if text.startswith("array<"):
        return array(_built(text[6:-1], simple, array, struct))
    if text.startswith("struct<"):
        members = [member.split(":") for member in text[7:-1].split(",")]
        return struct({name: simple[kind] for name, kind in members})
    return simple[text]


def _columns(records: list[dict[str, Any]], types: dict[str, pa.DataType]) -> list[pa.Array]:
    """Returns the columns of records; the column `more` has what fits no other column, as JSON."""
    import pyarrow as pa

    more: list[dict[str, Any]] = [{} for _ in records]
    for record, rest in zip(records, more):
        for name in record.keys() - types.keys() - LEFT_OUT:
            rest[name] = record[name]
        if "more" in record:
            rest["more"] = record["more"]
        when = record.get("fetched_at")
        if isinstance(when, str):
            record["fetched_at"] = _time(when)
    columns = []
    for name, kind in types.items():
        if name == "more":
            continue
        values = [record.get(name) for record in records]
        for value, rest in zip(values, more):
            if value is not None and not _knows(kind, value):
                rest[name] = value
        try:
            columns.append(pa.array(values, kind))
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            columns.append(pa.array([_fitting(name, kind, value, rest) for value, rest in zip(values, more)], kind))
    columns.append(pa.array([json.dumps(rest, default=str) if rest else None for rest in more], types["more"]))
    return columns


def _time(text: str) -> Any:
    from datetime import datetime

    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return text


def _knows(kind: pa.DataType, value: Any) -> bool:
    """Returns true unless an object has members that its column lacks."""
    import pyarrow as pa

    if isinstance(value, dict) and pa.types.is_struct(kind):
        return all(kind.get_field_index(name) >= 0 for name in value)
    if isinstance(value, list) and pa.types.is_list(kind):
        return all(_knows(kind.value_type, one) for one in value)
    return True


def _fitting(name: str, kind: pa.DataType, value: Any, rest: dict[str, Any]) -> Any:
    import pyarrow as pa

    try:
        pa.array([value], kind)
        return value
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        rest[name] = value
        return None


# The process


class _Coordinator:
    """A process of fetchpool, with one thread each for its tasks, its records and its standard error."""

    def __init__(self, task: _Task) -> None:
        from pyspark import SparkFiles, TaskContext

        context = TaskContext.get()
        self._place = ""
        folder = os.path.abspath(SparkFiles.getRootDirectory())
        arguments = list(task.arguments)
        if context is not None:
            self._place = f" in partition {context.partitionId()}, attempt {context.attemptNumber()}"
            arguments += _own_crash_folder(arguments, folder, f"partition-{context.partitionId()}-{context.taskAttemptId()}")
        # `folder` has the files that spark-submit has shipped.
        self._process = subprocess.Popen(
            [_program(task.program, folder), *arguments],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=_die_with_parent(),
        )
        self._tail = b""
        self._tasks: queue.SimpleQueue[Optional[bytes]] = queue.SimpleQueue()
        # The queue is bounded, so that a slow reader of the output slows fetchpool.
        self._records: queue.Queue[Optional[list[bytes]]] = queue.Queue(4)
        self._is_given = False
        self._is_read = False
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._write, self._read, self._listen)]
        for thread in self._threads:
            thread.start()

    def give(self, lines: bytes) -> None:
        """Gives the lines of tasks to fetchpool; returns at once."""
        self._tasks.put(lines)

    def give_end(self) -> None:
        """Says that no more tasks come."""
        if not self._is_given:
            self._is_given = True
            self._tasks.put(None)

    def take(self, seconds: float) -> Optional[list[bytes]]:
        """Waits for records for `seconds` at most, and returns them.

        Returns an empty list if no records come in this time, and None after the end of the output.
        """
        try:
            read = self._records.get(timeout=max(seconds, 0.001))
        except queue.Empty:
            return []
        self._is_read = read is None
        return read

    def finish(self) -> None:
        """Waits for the end of the output and of the process.

        Raises FetchpoolError if no output comes for `EXIT_SECONDS`, if the process does not end within
        `EXIT_SECONDS` after its output, or if its exit status is neither 0 nor 1.
        """
        while not self._is_read:
            if self.take(EXIT_SECONDS) == []:
                raise FetchpoolError(f"fetchpool did not end{self._place}, although all tasks have records")
        if self._status() not in (0, 1):
            raise self.failure(0)

    def failure(self, unfinished: int) -> FetchpoolError:
        """Returns an error that says how the process ended, and shows the end of its standard error.

        If the process still runs after `EXIT_SECONDS`, the error says that the process closed its output.
        """
        status = self._status()
        if status is None:
            end = "closed its output"
        elif status < 0:
            end = f"was ended by {_signal_name(-status)}"
        else:
            end = f"ended with status {status}" + (f" ({STATUSES[status]})" if status in STATUSES else "")
        self._threads[2].join(2)
        said = self._tail.decode("utf-8", "replace").strip()
        said = f"; its standard error ends with:\n{said}" if said else "; its standard error is empty"
        return FetchpoolError(f"fetchpool {end}{self._place}, with {unfinished} tasks unfinished{said}")

    def kill(self) -> None:
        """Kills the process if it still runs; the end of the process also ends its workers.

        Then waits a short time for the threads, and closes the pipe of each thread that has ended.
        """
        if self._process.poll() is None:
            self._process.kill()
        self._tasks.put(None)
        while not self._is_read:
            if self.take(1) == []:
                break
        self._process.wait()
        for thread in self._threads:
            thread.join(1)
        for thread, pipe in zip(self._threads, (self._process.stdin, self._process.stdout, self._process.stderr)):
            # The number of a closed descriptor can go to another file. A thread that still runs would use
            # that file.
            if pipe is not None and not thread.is_alive():
                with contextlib.suppress(OSError):
                    pipe.close()

    def _status(self) -> Optional[int]:
        try:
            return self._process.wait(EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            return None

    def _write(self) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        # If a write fails, the process has died, and the end of its output says more than the error.
        with contextlib.suppress(OSError, ValueError):
            while True:
                lines = self._tasks.get()
                if lines is None:
                    break
                pipe.write(lines)
                if self._tasks.empty():
                    pipe.flush()
            pipe.close()

    def _read(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        begun: list[bytes] = []
        while True:
            read = os.read(pipe.fileno(), READ_BYTES)
            if not read:
                break
            *lines, last = read.split(b"\n")
            if lines:
                lines[0] = b"".join([*begun, lines[0]])
                begun = []
                self._records.put(lines)
            begun.append(last)
        self._records.put(None)

    def _listen(self) -> None:
        pipe = self._process.stderr
        assert pipe is not None
        while True:
            read = os.read(pipe.fileno(), READ_BYTES)
            if not read:
                break
            self._tail = (self._tail + read)[-TAIL_BYTES:]
            with contextlib.suppress(OSError):
                # With this copy, the log of the executor has all of fetchpool's standard error.
                os.write(2, read)


def _program(named: Optional[str], folder: str) -> str:
    """Returns the path of fetchpool on this machine."""
    host = socket.gethostname()
    from_variable = os.environ.get("FETCHPOOL")
    for name, source in ((named, "the option program"), (from_variable, "the variable FETCHPOOL")):
        if name:
            path = shutil.which(os.path.join(folder, name) if "/" in name else name)
            if path is None:
                raise FetchpoolError(f"{source} names '{name}', which is no program on {host}")
            return path
    for pattern in ("*/bin/fetchpool", "*/*/bin/fetchpool", "*/fetchpool"):
        for path in sorted(glob.glob(os.path.join(glob.escape(folder), pattern))):
            if os.path.isfile(path) and os.access(path, os.X_OK):
                return path
    path = shutil.which("fetchpool")
    if path is None:
        raise FetchpoolError(
            f"there is no program fetchpool on {host}: ship the archive of Scripts/package by --archives, name a path by the "
            "option program or by spark.executorEnv.FETCHPOOL, or install it"
        )
    return path


def _own_crash_folder(arguments: list[str], folder: str, name: str) -> list[str]:
    """Returns `--crash-dir` with a folder for this attempt, inside the folder that the user's option names.

    Each attempt has its own folder, because two attempts can write bodies with the same names. The given
    `--crash-dir` is removed from `arguments`. The result is empty if no `--crash-dir` is given.
    """
    parent = _value(arguments, "crash-dir")
    if parent is None:
        return []
    while _value(arguments, "crash-dir") is not None:
        for index, argument in enumerate(arguments):
            if argument == "--crash-dir":
                del arguments[index : index + 2]
                break
            if argument.startswith("--crash-dir="):
                del arguments[index]
                break
    # A relative path starts in the directory in which fetchpool runs.
    path = os.path.join(folder, parent, name)
    os.makedirs(path, exist_ok=True)
    return [f"--crash-dir={path}"]


def _die_with_parent() -> Any:
    """Returns a function that makes the kernel kill the calling process when its parent dies.

    The function uses PR_SET_PDEATHSIG of prctl(2). Spark ends Python by SIGKILL, and an executor that dies
    must not leave a fetchpool behind that fetches what another executor fetches.
    """
    import ctypes

    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def prepare() -> None:
        prctl(1, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


# The program

FORMATS = ("text", "ndjson", "csv", "parquet")


def main(arguments: Optional[list[str]] = None) -> int:
    """Runs as a program; returns the exit status.

    The status is 0 when all rows have records, 1 if the job failed with a FetchpoolError on an executor, and
    2 for wrong usage or a missing requirement. Any other error is raised.
    """
    parser = argparse.ArgumentParser(
        prog="fetchpool_spark.py",
        description="Fetches the URLs of a table with Spark and fetchpool. All other options are those of fetchpool.",
        allow_abbrev=False,
    )
    parser.add_argument("--input", action="append", required=True, help="a file or folder that Spark can read; repeatable")
    parser.add_argument("--format", choices=FORMATS, required=True, help="of the input")
    parser.add_argument("--output", required=True, help="a folder, which must not exist unless --resume is given")
    parser.add_argument("--output-format", choices=("parquet", "ndjson"), default="parquet")
    parser.add_argument("--url-column", default="url", help="the column with the URLs (default: url)")
    parser.add_argument("--task-columns", default="", help="columns whose values become members of the task, such as method,meta=row")
    parser.add_argument("--prefix", default="", help="text to put before the names of the record's columns")
    parser.add_argument("--partitions", type=int, help="the number of partitions (default: spark.sql.shuffle.partitions)")
    parser.add_argument("--window", type=int, default=WINDOW, help=f"rows that fetchpool has at a time (default: {WINDOW})")
    parser.add_argument("--program", help="the path of fetchpool on the executors")
    parser.add_argument("--resume", action="store_true", help="leave out the rows that are in the output, and add the others")
    parser.add_argument("--resume-on", default="", help="the columns that identify a row (default: the URL)")
    given, rest = parser.parse_known_args(arguments)
    try:
        return _run(given, _checked(rest))
    except FetchpoolError as error:
        _say(str(error))
        return 2
    except Exception as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        _say(sentence)
        return 1


def _run(given: argparse.Namespace, rest: list[str]) -> int:
    if importlib.util.find_spec("pyspark") is None:
        raise FetchpoolError(f"Python ({sys.executable}) has no module pyspark; run this by spark-submit, or: pip install pyspark")
    _require("pyarrow", "pandas")
    _require_java()
    from pyspark.sql import SparkSession

    members = dict((name.partition("=")[0], name.partition("=")[2] or name) for name in given.task_columns.split(",") if name)
    spark = SparkSession.builder.appName("fetchpool").getOrCreate()
    df = _input(spark, given)
    keys = [name for name in given.resume_on.split(",") if name] or [given.url_column]
    is_there = _exists(spark, given.output)
    if is_there and not given.resume:
        raise FetchpoolError(f"the output '{given.output}' exists; give --resume to add to it, or name another folder")
    outcome = _record_names(df.columns, given.prefix)[0]
    resume, before = None, 0
    if is_there:
        from pyspark.sql.types import StructType

        schema = StructType([df.schema[_place(df, key)] for key in keys])
        resume = _output(spark, given, schema)
        before = sum(_counts(spark, given, outcome).values())
    fetched = _fetch(
        df, rest, given.url_column, given.program, given.partitions, given.window, members, given.prefix, resume, keys, None
    )
    writer = fetched.write.mode("append" if is_there else "errorifexists")
    # With version 2, the rows of each partition are in the output as soon as the partition is done. After a
    # failed job, --resume therefore leaves out these rows.
    writer = writer.option("mapreduce.fileoutputcommitter.algorithm.version", "2")
    writer.format("json" if given.output_format == "ndjson" else "parquet").save(given.output)
    # The output is counted, because an accumulator counts a row again if Spark runs the task of the row again.
    counts = _counts(spark, given, outcome)
    total = sum(counts.values())
    of_all = ", ".join(f"{number:,} {name}" for name, number in sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    added = f" ({total - before:,} new)" if is_there else ""
    _say(f"{total:,} rows{added}: {of_all or 'none'}; in {given.output}")
    return 0


def _input(spark: SparkSession, given: argparse.Namespace) -> DataFrame:
    from pyspark.sql import functions as F

    reader = spark.read
    if given.format == "text":
        lines = reader.text(given.input).select(F.col("value").alias(given.url_column))
        # As in fetchpool, blank lines and comments are no tasks.
        return lines.where(~F.col(f"`{given.url_column}`").rlike(r"^\s*(#|$)"))
    if given.format == "ndjson":
        return reader.json(given.input)
    if given.format == "csv":
        # RFC 4180: quotes are doubled, and a field in quotes may hold line breaks.
        return reader.csv(given.input, header=True, escape='"', multiLine=True)
    return reader.parquet(*given.input)


def _output(spark: SparkSession, given: argparse.Namespace, schema: Any) -> DataFrame:
    return spark.read.schema(schema).format("json" if given.output_format == "ndjson" else "parquet").load(given.output)


def _counts(spark: SparkSession, given: argparse.Namespace, outcome: str) -> Counter[str]:
    from pyspark.sql.types import StringType, StructType

    rows = _output(spark, given, StructType().add(outcome, StringType())).groupBy(outcome).count().collect()
    return Counter({str(row[0]): row[1] for row in rows})


def _exists(spark: SparkSession, path: str) -> bool:
    jvm = spark.sparkContext._jvm
    assert jvm is not None
    folder = jvm.org.apache.hadoop.fs.Path(path)
    return bool(folder.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration()).exists(folder))


def _require_java() -> None:
    # If spark-submit has started this program, Java is installed.
    if "PYSPARK_GATEWAY_PORT" in os.environ:
        return
    if os.environ.get("SPARK_REMOTE"):
        raise FetchpoolError("SPARK_REMOTE is set, but this program does not work with Spark Connect; unset SPARK_REMOTE")
    home = os.environ.get("JAVA_HOME")
    if shutil.which(os.path.join(home, "bin", "java") if home else "java") is None:
        where = f"in JAVA_HOME, which is {home}" if home else "in PATH, and JAVA_HOME is not set"
        raise FetchpoolError(f"there is no Java {where}; install Java 17, such as Debian's openjdk-17-jre-headless")


def _sentence(error: Exception) -> Optional[str]:
    """Returns the message of a FetchpoolError on an executor; None for any other error."""
    found = re.findall(r"FetchpoolError: (.*?)(?:\n *SQLSTATE|\n\tat |\n\n|\Z)", str(error), re.DOTALL)
    return found[-1].strip() if found else None


def _say(sentence: str) -> None:
    print(f"fetchpool_spark: {sentence}", file=sys.stderr, flush=True)


def _leave() -> NoReturn:
    status = main()
    if "pyspark" in sys.modules:
        from pyspark.sql import SparkSession

        session = SparkSession.getActiveSession()
        if session is not None:
            session.stop()
    sys.exit(status)


if __name__ == "__main__":
    _leave()
