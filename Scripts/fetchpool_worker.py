# SPDX-License-Identifier: MIT
# fetchpool
"""Makes a function of yours a worker of fetchpool.

This is a whole worker:

    from fetchpool_worker import serve

    def parse(response):
        return {"words": len(response.text.split())}

    serve(parse)

Run it with `fetchpool -x 'python3 worker.py' URL`. Copy this file beside `worker.py`. This file needs Python
3.9 or newer and nothing else. Each response is parsed on the main thread, one after the other. What `parse`
returns becomes the `result` of the record; an exception fails this response alone.
`Sources/PoolWorker/PoolWorker.docc/WritingAWorkerInPython.md` says more.
"""

from __future__ import annotations

import codecs
import errno
import fcntl
import gc
import json
import os
import re
import resource
import select
import signal
import stat
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping

# Type checkers take this constant for true. At run time, the import of `typing` would take a tenth of the
# worker's start time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from typing import Any, NoReturn, Optional, Union

    Identity = Union[int, tuple[int, int]]

__all__ = ["Headers", "Response", "TaskFailure", "serve"]

VERSION = 1
# A line may have 16 MiB; 256 bytes of it are for the message around a result.
MAX_RESULT_BYTES = (16 << 20) - 256
MAX_MESSAGE_CHARACTERS = 8_000
# eventlet's `monkey_patch` removes `poll` from the module, and gevent's replaces it.
_poll_of_system = getattr(select, "poll", None)
# The most bytes of one read: four times the default size of a pipe.
READ_BYTES = 256 << 10
BEAT_SECONDS = 1.0
# Once a block of this size was freed, glibc takes smaller blocks from the heap. At the heap's end, glibc then
# keeps free memory of up to twice this size (mallopt(3)).
KEPT_BYTES = 4 << 20
# If a task lasts longer than this, a second thread reads the coordinator's messages.
LOOK_SECONDS = 0.05
# Code that has blocked the second thread for longer than this may block it for five seconds the next time.
# Without a beat for five seconds, the coordinator would end the worker.
LATE_SECONDS = 2.0
# After `sys.exit`, a page's coroutine has this time to handle its cancellation. At the end of the process,
# asyncio tasks that are left in the event loop have this time too.
CANCEL_SECONDS = 1.0
# The messages that a worker prints before it ends because it cannot go on.
NO_READER = "the coordinator is gone: nobody reads standard output"
CLOSED_DESCRIPTORS = "a task has closed the worker's descriptors"
# If the coordinator's first line has not come after this time, the worker prints a message and waits on. The
# coordinator writes this line when it starts the worker.
INIT_MILLISECONDS = 5_000


class TaskFailure(Exception):
    """A failure that `parse` expects: the record gets the message, without a traceback.

    `retryable` says whether another try may help. `error_class` has an effect only for a worker that fetches
    (`--worker`).
    """

    # A subclass may have an `__init__` that does not call `TaskFailure.__init__`.
    retryable = False
    error_class = "processor"

    def __init__(self, message: str, *, retryable: bool = False, error_class: str = "processor") -> None:
        super().__init__(message)
        self.message = message
        self.retryable = retryable
        self.error_class = error_class


class Headers(Mapping[str, str]):
    """The header of a response, by names in any letter case.

    If a name came several times, its values are joined by ", ". `pairs` holds all fields in the order in
    which they came, with names in lower case.
    """

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self.pairs = pairs
        self._values: dict[str, str] = {}
        for name, value in pairs:
            self._values[name] = f"{self._values[name]}, {value}" if name in self._values else value

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Headers({self.pairs!r})"


class Response:
    """A response to parse or, in a worker of `--worker`, a task to work on.

    `body` is read at its first use. This use must come before `parse` returns.
    """

    def __init__(self, task: dict[str, Any], response: Optional[dict[str, Any]] = None, attempt: int = 1) -> None:
        fetched = response or {}
        #: The user's task object, with all of its members.
        self.task = task
        #: The final URL, after redirects; the URL of the task if nothing was fetched.
        self.url: str = fetched.get("url") or task.get("url", "")
        #: The final status, 200 to 299; 0 if nothing was fetched.
        self.status: int = fetched.get("status", 0)
        #: The value of Content-Type; None if there is none.
        self.content_type: Optional[str] = fetched.get("content_type")
        #: The charset that Content-Type names, in lower case; None if there is none.
        self.charset: Optional[str] = fetched.get("charset")
        #: The number of this try, from 1; a new try follows the death of a worker. With `--worker`, this is the
        #: number of fetches of the task, including this one; a worker's death does not change it.
        self.attempt = attempt
        self._fetched = fetched
        self._headers: Optional[Headers] = None
        self._body: Optional[bytes] = None
        self._text: Optional[str] = None

    @property
    def id(self) -> Any:
        """The task's `id`, a string or an integer; the number of the input line if the user gave no `id`."""
        return self.task.get("id")

    @property
    def meta(self) -> Any:
        """The task's `meta`; None if the task has none."""
        return self.task.get("meta")

    @property
    def headers(self) -> Headers:
        """The fields of the header."""
        if self._headers is None:
            self._headers = Headers([(name, value) for name, value in self._fetched.get("headers", [])])
        return self._headers

    @property
    def body(self) -> bytes:
        """The whole body, with compression undone; empty if nothing was fetched."""
        if self._body is None:
            self._body = self._read()
        return self._body

    @property
    def text(self) -> str:
        """The body as text, decoded as browsers do: by a byte order mark, the header, or a declaration.

        If none of these names an encoding of the Encoding Standard, the encoding is UTF-8 if the body is
        valid UTF-8, else windows-1252. Bytes that are invalid become U+FFFD. A declaration in the body counts
        only if the type is HTML, XML or missing. After the first 1,024 bytes, a declaration counts only if
        the type is HTML or missing, and the body is not valid UTF-8.
        """
        if self._text is None:
            types = self.content_type or ""
            if self.charset is None and types and not _essence(types):
                # Browsers read all Content-Type fields as one list, and take the last type in this list.
                types = self.headers.get("content-type") or types
            self._text = _decoded(self.body, self.charset, types)
        return self._text

    def json(self) -> Any:
        """The body as JSON. Raises ValueError if the body is not JSON, or nests too deeply for Python."""
        try:
            return _json_of_page(self.body.decode(json.detect_encoding(self.body), "surrogatepass"))
        except RecursionError:
            raise ValueError("the body nests too deeply") from None

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.url}>"

    def _read(self) -> bytes:
        path = self._fetched.get("body_path")
        if path is None:
            body: str = self._fetched.get("body", "")
            return body.encode("utf-8", "surrogatepass")
        size, start = self._fetched["bytes"], self._fetched.get("body_offset", 0)
        kept = _taken_file(path)
        file = kept[1]
        try:
            piece = os.pread(file, size, start)
            # One read brings 2 GiB at most.
            while len(piece) < size:
                more = os.pread(file, size - len(piece), start + len(piece))
                if not more:
                    raise OSError(f"the body has {len(piece)} bytes in place of {size}: {path}")
                piece += more
        except BaseException:
            _close(kept)
            raise
        # A file is in `_kept_files` here only if another thread has read a body at the same time.
        if _kept_files:
            _close_files()
        if _keeps_files:
            _kept_files.append(kept)
        else:
            os.close(file)
        return piece


# The path, descriptor and identity of the file that was read last. The file stays open, because most bodies
# follow one another in one file. A run never gives a path to two files. A thread removes the entry from this
# list while it uses the descriptor, so no other thread closes the file.
_kept_files: list[tuple[str, int, Identity]] = []
# True in the worker itself. False in any other process, because nothing would close the file there.
_keeps_files = False


def _taken_file(path: str) -> tuple[str, int, Identity]:
    """The open file at `path`, taken from `_kept_files` or opened now.

    The caller puts the file back into `_kept_files`, or closes it. After the task, before its result is
    written, the worker checks that the descriptor of a kept file still belongs to this file (`_check_files`).
    """
    try:
        kept = _kept_files.pop()
    except IndexError:
        pass
    else:
        if kept[0] == path:
            return kept
        _close(kept)
    # The encoding of Python's file names need not be that of the path, which is UTF-8.
    file = os.open(path.encode(), os.O_RDONLY)
    return path, file, _marked(file, _KEPT_MARK)


# The numbers of real-time signals, which fcntl(2) stores for an open file. No signal is ever sent, because
# nothing sets O_ASYNC.
_KEPT_MARK, _INPUT_MARK, _OUTPUT_MARK = 61, 62, 63
_SET_MARK, _GET_MARK = getattr(fcntl, "F_SETSIG", -1), getattr(fcntl, "F_GETSIG", -1)


def _marked(file: int, mark: int) -> Identity:
    """Marks an open file; returns the mark or, where the system has no marks, what fstat(2) says of the file.

    `_is_still` compares the returned value, to find out whether another file has taken the descriptor. A task
    may close a descriptor that is not its own, for example if it closes its own descriptor twice. The next
    file that the task opens then gets the closed descriptor. A mark is read in a third of the time of
    fstat(2).
    """
    try:
        fcntl.fcntl(file, _SET_MARK, mark)
        if fcntl.fcntl(file, _GET_MARK) == mark:
            return mark
    except OSError:
        pass
    return _identity(file)


def _is_still(file: int, identity: Identity) -> bool:
    """True if the descriptor `file` is open, and still belongs to the open file with this identity."""
    if not isinstance(identity, int):
        return _identity(file) == identity
    try:
        return fcntl.fcntl(file, _GET_MARK) == identity
    except OSError:
        return False


def _identity(file: int) -> tuple[int, int]:
    """The device and the number of an open file; (-1, -1) if the descriptor is closed."""
    try:
        status = os.fstat(file)
    except OSError:
        return -1, -1
    return status.st_dev, status.st_ino


def _check_files() -> None:
    """Ends the worker if the descriptor of the kept file is closed or belongs to another file.

    The task may then have read its body from the other file.
    """
    try:
        kept = _kept_files.pop()
    except IndexError:
        return
    if not _is_still(kept[1], kept[2]):
        _leave("", CLOSED_DESCRIPTORS)
    _kept_files.append(kept)


def _close_files() -> None:
    """Closes the kept file; if the file was removed, its disk space becomes free only now."""
    while True:
        try:
            kept = _kept_files.pop()
        except IndexError:
            return
        _close(kept)


def _close(kept: tuple[str, int, Identity]) -> None:
    if _is_still(kept[1], kept[2]):
        os.close(kept[1])
    elif _keeps_files:
        _leave("", CLOSED_DESCRIPTORS)


def serve(parse: Callable[[Response], Any], *, name: Optional[str] = None, beats: bool = True) -> None:
    """Calls `parse` with each response from the coordinator; returns when the coordinator sends no more.

    Call `serve` last, on the main thread, outside of coroutines. From the import of this file on, standard
    output is standard error, so code that prints does no harm. If another program, such as `uv run`, starts
    the worker, standard output changes only at the call of `serve`. `parse` may be a coroutine function. All
    calls of `parse` share one event loop, which stays open and current after `serve`. If the coordinator goes
    away, the process ends at once.

    `name` is the worker's name in its first line, by default the script's name. With `beats` the worker sends
    a beat once a second while a task lasts, as a sign of life. If the worker then sends nothing for five
    seconds, the coordinator ends the worker. Code in C that keeps Python's lock for five seconds needs
    `beats=False`. If such code has blocked the worker for more than two seconds, the worker stops sending
    beats: at once if it has sent no beat during the task, otherwise when the next task begins.
    """
    # If multiprocessing, or a package like it, spawns a process, the process runs the script again under the
    # name `__mp_main__`, to find the script's functions. That process is no worker.
    frame: Any = sys._getframe()
    is_in_loop = False
    while frame is not None:
        if frame.f_globals.get("__name__") == "__mp_main__":
            return
        # The caller is in a loop if it is a coroutine, an asynchronous generator (flags of `inspect`), or a
        # function that asyncio calls.
        module = str(frame.f_globals.get("__name__"))
        is_in_loop = is_in_loop or bool(frame.f_code.co_flags & 0x280) or module.startswith("asyncio.")
        frame = frame.f_back
    name = name if name is not None else os.path.basename(sys.argv[0])
    # A coroutine function needs an event loop that this file runs.
    needs_loop = bool(getattr(getattr(parse, "__code__", None), "co_flags", 0) & 0x80)
    running_loop = getattr(sys.modules.get("asyncio"), "_get_running_loop", None)
    # An event loop in another greenlet, such as that of Playwright's synchronous API, counts as running too,
    # although it has not called `serve`.
    if (is_in_loop or needs_loop) and running_loop is not None and running_loop() is not None:
        _say(name, "`serve` would block the event loop that is running; call it outside of coroutines")
        sys.exit(2)
    _Worker(parse, name, beats).run()


class _Task:
    """A task that has arrived and has no result yet."""

    __slots__ = ("fault", "message", "seq")

    def __init__(self, seq: int, message: dict[str, Any], fault: str = "") -> None:
        self.seq = seq
        self.message = message
        # Why the task cannot be read; empty if it can. The task's result gives this reason, after the results
        # of earlier tasks.
        self.fault = fault


class _Worker:
    """One worker: the main thread works, and reads when it has nothing to do.

    When a task lasts longer than `LOOK_SECONDS`, a second thread reads in place of the main thread, returns
    tasks that the coordinator wants back, sends beats, and ends the process when the coordinator is gone.
    Quick tasks thus need no second thread.

    Locks: only the thread that reads holds `_reading`, and only the thread that writes holds `_writing`.
    `_lock` guards the tasks. A thread that waits never holds `_lock`.
    """

    def __init__(self, parse: Callable[[Response], Any], name: str, beats: bool) -> None:
        self._parse = parse
        self._name = name
        self._says_beats = beats
        # True if a beat may have been sent, or may still wait in the outbox, during the current task. The
        # coordinator then expects beats until the task ends.
        self._has_beaten = False
        # True if the worker sends no beats from the next task on (`LATE_SECONDS`).
        self._is_late = False
        self._input = self._output = -1
        self._input_identity: Identity = -1
        self._output_identity: Identity = -1
        self._reads_file = False
        # The pieces of a line that is not whole yet.
        self._partial: list[bytes] = []
        self._reading = threading.Lock()
        self._writing = threading.Lock()
        self._lock = threading.Lock()
        self._waiting: deque[_Task] = deque()
        self._outbox: list[bytes] = []
        self._is_draining = False
        self._is_busy = False
        self._begun = 0
        self._last_line = 0.0
        # True while the second thread waits for `_wake`, because the main thread works on no task.
        self._is_parked = False
        self._wake = threading.Lock()
        self._is_fork = False
        # True if SIGTERM has come, and the script's own handler has raised SystemExit or another exception
        # that is no `Exception`.
        self._is_terminated = False
        self._event_loop: Optional[AbstractEventLoop] = None

    # The main thread

    def run(self) -> None:
        global _keeps_files
        _keeps_files = True
        self._take_descriptors()
        self._begin()
        _prepare_memory()
        self._wake.acquire()
        hello: dict[str, Any] = {"t": "hello", "v": VERSION, "pid": os.getpid()}
        if self._name not in ("", "-c"):
            hello["name"] = self._name
        # The thread is started before `hello`. If the system then refuses the thread, the worker cannot
        # start; after `hello`, a page would be blamed. Until the first task begins, the thread writes
        # nothing.
        threading.Thread(target=self._watch, name="fetchpool", daemon=True).start()
        self._write(_encode(hello) + b"\n")
        message = b""
        while True:
            if message:
                # During `_check_files`, the second thread finds no kept file to close. The second thread must
                # not wait for `_wake` without closing the file, so `_is_busy` is still true here.
                _check_files()
                self._check_input()
            # The next task begins before the result is written. So the next task has begun when the
            # coordinator reads the result.
            task = self._take()
            if message:
                self._write(message)
            if task is None:
                task = self._wait()
            if task is None:
                break
            message = self._complete(task)
        # The lock is never released, because 'bye' must be the last line.
        self._writing.acquire()
        for line in [*self._outbox, b'{"t":"bye","reason":"drained"}\n']:
            self._send(line)
        # The interpreter's last garbage collection must also find the objects that `_prepare_memory` has
        # frozen.
        if hasattr(gc, "unfreeze"):
            gc.unfreeze()
        if self._event_loop is not None:
            import asyncio
            import atexit

            # Code after the call of `serve` may use this event loop. A page may have made another event loop
            # the current one.
            asyncio.set_event_loop(self._event_loop)
            atexit.register(self._close_event_loop)

    def _take_descriptors(self) -> None:
        """Takes the descriptors of the protocol, and prepares the process for tasks."""
        descriptors = _descriptors()
        if descriptors is None:
            if os.isatty(0):
                self._explain()
            try:
                descriptors = _moved_descriptors()
            except OSError:
                self._explain()
        self._input, self._output = descriptors
        self._reads_file = stat.S_ISREG(os.fstat(self._input).st_mode)
        if self._reads_file:
            # The shell has these open files too, and a mark would stay set in them.
            self._input_identity, self._output_identity = map(_identity, descriptors)
            # Nobody waits for beats, and on a terminal they would come between the lines of a debugger.
            self._says_beats = False
        else:
            self._input_identity = _marked(self._input, _INPUT_MARK)
            self._output_identity = _marked(self._output, _OUTPUT_MARK)
        if threading.current_thread() is threading.main_thread():
            # The coordinator handles Ctrl-C. A worker that is run by hand is ended by Ctrl-C, without a
            # traceback.
            if self._reads_file:
                signal.signal(signal.SIGINT, signal.SIG_DFL)
            else:
                # Programs that a page starts would inherit SIG_IGN, but no handler (execve(2)).
                signal.signal(signal.SIGINT, lambda *_: None)
                # After the handler, an interrupted system call of C code goes on (signal(7), SA_RESTART).
                # Python's own system calls go on in any case (PEP 475).
                signal.siginterrupt(signal.SIGINT, False)
            handler = signal.getsignal(signal.SIGTERM)
            if callable(handler):
                self._handle_sigterm_by(handler)
        _show_crashes()
        os.register_at_fork(after_in_child=self._leave_to_parent)

    def _handle_sigterm_by(self, handler: Callable[[int, Any], Any]) -> None:
        """Makes SIGTERM call `handler`, and notes whether `handler` wants the process to end."""

        def handle(number: int, frame: Any) -> None:
            try:
                handler(number, frame)
            except BaseException as error:
                self._is_terminated = not isinstance(error, Exception)
                raise

        signal.signal(signal.SIGTERM, handle)

    def _begin(self) -> None:
        """Reads until the first line has come; ends the process if this line is not a coordinator's.

        Lines that have come with the first line are handled too.
        """
        if _VARIABLE in os.environ and not _is_ready(self._input, select.POLLIN, INIT_MILLISECONDS):
            _say(self._name, f"it still waits for the first line of the coordinator; perhaps {_READ_BEFORE}")
        lines: Optional[list[bytes]] = []
        while not lines:
            lines = self._fill()
            if lines is None:
                self._explain()
        try:
            message = _decode(lines[0])
            kind = message["t"]
        except (ValueError, KeyError, TypeError):
            self._explain()
        if kind == "init" and message.get("v") != VERSION:
            self._stop(f"it speaks version {VERSION} of the protocol, the coordinator {message.get('v')}")
        if self._reads_file:
            _limit_memory(message.get("config"))
        for line in lines:
            self._handle(line)

    def _take(self) -> Optional[_Task]:
        """Ends the current task, and begins the next one; None if no task waits."""
        with self._lock:
            self._is_busy = bool(self._waiting)
            if not self._is_busy:
                return None
            self._begun += 1
            # A beat that is still in the outbox is sent after the previous task's result, and so counts for
            # this task.
            self._has_beaten = bool(self._outbox)
            if self._is_late:
                self._says_beats = False
            task = self._waiting.popleft()
            is_parked, self._is_parked = self._is_parked, False
        if is_parked:
            self._wake.release()
        return task

    def _wait(self) -> Optional[_Task]:
        """Reads until there is a task, and begins it; None if no more tasks will come."""
        while True:
            with self._reading:
                while not self._waiting and not self._is_draining:
                    # A task may have come together with the message that takes it back.
                    if self._outbox:
                        self._write(b"")
                    self._read()
            if self._outbox:
                self._write(b"")
            # Nothing follows 'drain', so all tasks are there if 'drain' has come by now.
            is_draining = self._is_draining
            task = self._take()
            if task is not None or is_draining:
                return task

    def _complete(self, task: _Task) -> bytes:
        """Works on a task; returns its result message, a whole line."""
        # `_is_terminated` is true here if an earlier task has survived SIGTERM.
        self._is_terminated = False
        try:
            if task.fault:
                raise TaskFailure(f"the task cannot be read: {task.fault}")
            message = task.message
            response = Response(message.get("task") or {}, message.get("response"), message.get("attempt", 1))
            result = self._parse(response)
            if hasattr(type(result), "__await__"):
                result = self._awaited(result)
            if self._is_fork:
                raise SystemExit("a forked process returned from the function; it must end by os._exit")
            text = _result(result)
            return b'{"t":"result","seq":%d,"result":%b}\n' % (task.seq, text)
        except BaseException as error:
            # In a forked process, the task belongs to the parent. And an exit because of SIGTERM is not the
            # task's fault.
            is_end = self._is_terminated or _is_of_handler(error)
            if self._is_fork or is_end and not isinstance(error, Exception):
                raise
            text = _failure_text(error)
            try:
                # The frames of the traceback refer to the response. If the frames refer to the error too, as
                # those of `asyncio.TaskGroup` do, the error and the response stay in memory until the next
                # garbage collection. Their sizes do not make a collection begin earlier.
                error.__traceback__ = None
            except Exception:
                pass
            return b'{"t":"result","seq":%d,"error":%b}\n' % (task.seq, text)

    def _awaited(self, result: Any) -> Any:
        """Runs the awaitable that `parse` has returned, always in one event loop; returns its result."""
        import asyncio

        if self._event_loop is None:
            self._event_loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._event_loop)

        # The asyncio task must not refer to the page's error. The error's causes may have frames that refer
        # to the asyncio task, such as those of `asyncio.wait_for`, and frames that refer to the response. The
        # response would then stay in memory until the next garbage collection.
        failures: list[BaseException] = []

        async def whole() -> Any:
            try:
                return await result
            except BaseException as error:
                failures.append(error)

        loop = self._event_loop
        coroutine = loop.create_task(whole())
        try:
            value = loop.run_until_complete(coroutine)
        except BaseException as error:
            # `sys.exit` in another asyncio task of the page leaves the loop at once, so `coroutine` may not
            # have ended. If SIGTERM ends the worker, there is no time to cancel `coroutine`.
            is_end = (self._is_terminated or _is_of_handler(error)) and not isinstance(error, Exception)
            if not (coroutine.done() or self._is_fork or is_end):
                _cancel(loop, [coroutine])
            failures.clear()
            raise
        if failures:
            raise failures.pop()
        return value

    def _close_event_loop(self) -> None:
        """Cancels the asyncio tasks that the pages have left, as `asyncio.run` does, and closes the loop."""
        import asyncio

        loop = self._event_loop
        # A forked process must not cancel the asyncio tasks of its parent.
        if loop is None or loop.is_closed() or self._is_fork:
            return
        _cancel(loop, list(asyncio.all_tasks(loop)))
        _finish(loop, [loop.create_task(loop.shutdown_asyncgens())])
        loop.close()

    # The second thread

    def _watch(self) -> None:
        """Runs `_look`; if `_look` fails, ends the process, because the worker needs the second thread."""
        try:
            self._look()
        except BaseException as error:
            _say(self._name, f"the second thread failed: {error!r}")
            if isinstance(error, MemoryError):
                os.write(2, b"MemoryError\n")
            os._exit(1)

    def _look(self) -> None:
        begun = 0
        while True:
            before = time.monotonic()
            time.sleep(LOOK_SECONDS)
            self._note_lateness(before + LOOK_SECONDS)
            if self._begun != begun:
                # Tasks are quick: the main thread reads often enough.
                begun = self._begun
                continue
            _close_files()
            if self._is_busy:
                self._attend()
            else:
                with self._lock:
                    is_parked = self._is_parked = not self._is_busy
                    if is_parked:
                        # A task may have read a body, and ended, since the kept file was closed.
                        _close_files()
                if is_parked:
                    self._wake.acquire()

    def _attend(self) -> None:
        """Waits for messages while the main thread works, and handles them; sends a beat if one is due."""
        waiting = _poll()
        # After 'drain', only the end of the input comes. The output shows whether the coordinator is gone.
        if not self._is_draining:
            waiting.register(self._input, select.POLLIN)
        waiting.register(self._output, 0)
        next_beat = self._last_line + BEAT_SECONDS - time.monotonic()
        seconds = LOOK_SECONDS if self._outbox else min(max(next_beat, LOOK_SECONDS), BEAT_SECONDS)
        due = time.monotonic() + seconds
        for descriptor, event in waiting.poll(int(seconds * 1_000) + 1):
            if event & select.POLLNVAL:
                self._leave(CLOSED_DESCRIPTORS)
            if descriptor == self._output and event & (select.POLLERR | select.POLLHUP):
                self._leave(NO_READER)
        self._note_lateness(due)
        if self._reading.acquire(blocking=False):
            try:
                # Since the `poll` above, the main thread may have read all bytes that had come.
                if not self._is_draining and _is_ready(self._input, select.POLLIN):
                    self._check_input()
                    self._read()
            finally:
                self._reading.release()
        if self._says_beats and not self._outbox and time.monotonic() - self._last_line >= BEAT_SECONDS:
            with self._lock:
                if self._is_busy:
                    self._has_beaten = True
                    self._outbox.append(_beat(len(self._waiting) + 1))
        self._flush()

    def _note_lateness(self, due: float) -> None:
        if time.monotonic() - due > LATE_SECONDS:
            with self._lock:
                self._is_late = True
                if not self._has_beaten:
                    self._says_beats = False

    # Reading, by the thread that holds `_reading`

    def _read(self) -> None:
        """Reads once, and handles the lines that are whole."""
        lines = self._fill()
        if lines is None:
            if not self._reads_file:
                self._leave("the coordinator is gone: standard input ended without 'drain'")
            # A file may lack a line break and 'drain' at its end: the end of the file stands for both.
            lines = [b"".join(self._partial), b'{"t":"drain"}']
        for line in lines:
            self._handle(line)

    def _fill(self) -> Optional[list[bytes]]:
        """Reads once; returns the lines that are whole now, or None at the end of the input."""
        while True:
            try:
                read = os.read(self._input, READ_BYTES)
                break
            except BlockingIOError:
                # Another process has made the pipe non-blocking.
                _is_ready(self._input, select.POLLIN, None)
            except OSError:
                self._check_input()
                raise
        if not read:
            self._check_input()
            return None
        lines = read.split(b"\n")
        if len(lines) > 1 and self._partial:
            lines[0] = b"".join(self._partial) + lines[0]
            self._partial = []
        rest = lines.pop()
        if rest:
            self._partial.append(rest)
        return lines

    def _check_input(self) -> None:
        if not _is_still(self._input, self._input_identity):
            self._leave(CLOSED_DESCRIPTORS)

    def _handle(self, line: bytes) -> None:
        """Handles a message; ignores messages of unknown types, blank lines, and all lines after 'drain'."""
        if self._is_draining or not line.strip():
            return
        try:
            message = _decode(line)
            kind = message.get("t")
            if kind == "task":
                self._add(_Task(_seq(message), message))
            elif kind == "recall":
                self._give_back(int(message.get("max", 0)))
            elif kind == "cancel":
                self._cancel(_seq(message))
            elif kind == "drain":
                self._is_draining = True
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            # The coordinator waits for a result of each task, so the task gets one if its number can be found.
            seq = re.search(rb'"seq"\s*:\s*(\d{1,16})\s*[,}]', line)
            if seq is None:
                self._check_input()
                self._stop(f"a line on standard input is not a message of the protocol: {error}")
            self._add(_Task(int(seq[1]), {}, fault=str(error)))

    def _add(self, task: _Task) -> None:
        with self._lock:
            self._waiting.append(task)

    def _give_back(self, most: int) -> None:
        with self._lock:
            for _ in range(min(most, len(self._waiting))):
                self._outbox.append(_returned(self._waiting.pop().seq))

    def _cancel(self, seq: int) -> None:
        with self._lock:
            for place, task in enumerate(self._waiting):
                if task.seq == seq:
                    del self._waiting[place]
                    self._outbox.append(_returned(seq))
                    return

    # Writing

    def _write(self, line: bytes) -> None:
        """Writes a line, then the lines of the outbox.

        Runs on the main thread, which may wait until the pipe has room.
        """
        with self._writing:
            self._send(line)
            while self._outbox:
                self._send(self._outbox.pop(0))
        self._last_line = time.monotonic()

    def _flush(self) -> None:
        """Writes lines of the outbox while the pipe has room, unless the main thread writes.

        Runs on the second thread, which must not wait.
        """
        if not self._outbox or not self._writing.acquire(blocking=False):
            return
        try:
            # The lines are short: a pipe that has room at all has room for 4 KiB (pipe(7), PIPE_BUF).
            while self._outbox and _is_ready(self._output, select.POLLOUT):
                self._send(self._outbox.pop(0))
                self._last_line = time.monotonic()
        finally:
            self._writing.release()

    def _send(self, line: bytes) -> None:
        if not _is_still(self._output, self._output_identity):
            self._leave(CLOSED_DESCRIPTORS)
        written = 0
        while written < len(line):
            try:
                # Nearly every line is written by one call.
                written += os.write(self._output, line if written == 0 else memoryview(line)[written:])
            except BlockingIOError:
                _is_ready(self._output, select.POLLOUT, None)
            except OSError as error:
                if error.errno == errno.EPIPE:
                    self._leave(NO_READER)
                self._leave(f"standard output cannot be written: {error.strerror}")

    # Ends of the process

    def _leave_to_parent(self) -> None:
        """Closes the kept file and the descriptors of the protocol in a process that was forked off."""
        global _keeps_files
        _keeps_files = False
        _close_files()
        if not self._is_fork:
            self._is_fork = True
            if _is_still(self._input, self._input_identity):
                os.close(self._input)
            if _is_still(self._output, self._output_identity):
                os.close(self._output)

    def _leave(self, reason: str) -> NoReturn:
        _leave(self._name, reason)

    def _stop(self, reason: str) -> NoReturn:
        _say(self._name, reason)
        os._exit(1)

    def _explain(self) -> NoReturn:
        if _VARIABLE in os.environ:
            self._stop(f"standard input does not begin with the first line of the coordinator; {_READ_BEFORE}")
        script = sys.argv[0] or "worker.py"
        _say(
            self._name,
            f"this is a worker of fetchpool, which talks to it; run it with: fetchpool -x 'python3 {script}' URL\n"
            f"To parse once more what --crash-dir has kept, run: python3 {script} < crashes/51-2.task",
        )
        sys.exit(2)


# The event loop


def _cancel(loop: AbstractEventLoop, tasks: list[Any]) -> None:
    """Cancels asyncio tasks, and runs the loop until they have ended, for `CANCEL_SECONDS` at most."""
    for task in tasks:
        task.cancel()
    _finish(loop, tasks)


def _finish(loop: AbstractEventLoop, tasks: list[Any]) -> None:
    """Runs the loop until the asyncio tasks have ended, for `CANCEL_SECONDS` at most."""
    import asyncio

    # A loop that was started by other code, in a greenlet, cannot be run here.
    if loop.is_closed() or asyncio._get_running_loop() is not None:
        return
    end = time.monotonic() + CANCEL_SECONDS
    while not all(task.done() for task in tasks) and time.monotonic() < end:
        try:
            loop.run_until_complete(asyncio.wait(tasks, timeout=end - time.monotonic()))
        except BaseException:
            # An exception of another asyncio task does not count: a page that has failed keeps its first error.
            pass


# JSON

# The encoder does not escape characters beyond ASCII, because they take fewer bytes as UTF-8.
_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _encode(value: Any) -> bytes:
    text = _encoder.encode(value)
    try:
        return text.encode()
    except UnicodeEncodeError:
        # Many readers refuse half of a surrogate pair, so a single half becomes U+FFFD. Two halves that form
        # a pair become one character.
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


# A line has no blanks around its object, so the steps of `json.loads` that pass over such blanks are left
# out.
_read_object = json.JSONDecoder().raw_decode


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


# Unlike `json.loads`, this function refuses NaN and Infinity, which are not JSON.
_json_of_page = json.JSONDecoder(parse_constant=_refuse).decode


def _decode(line: bytes) -> dict[str, Any]:
    text = line.decode()
    message: dict[str, Any]
    try:
        message, end = _read_object(text)
        if end == len(text):
            return message
    except ValueError:
        pass
    try:
        message = json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:
        # Python refuses integers of thousands of digits, which a user's task may hold.
        message = json.loads(text, parse_int=lambda digits: int(digits) if len(digits) < 1_000 else float(digits))
    return message


def _seq(message: dict[str, Any]) -> int:
    seq = message.get("seq")
    if not isinstance(seq, int):
        raise ValueError("it has no 'seq'")
    return seq


def _returned(seq: int) -> bytes:
    return b'{"t":"returned","seq":%d}\n' % seq


def _beat(held: int) -> bytes:
    """A beat: the line that says that the worker lives.

    It has the worker's memory now and at its peak (proc(5)), and `held`, the number of the worker's tasks.
    """
    beat: dict[str, Any] = {"t": "beat"}
    try:
        with open("/proc/self/status", "rb") as file:
            status = file.read()
    except OSError:
        status = b""
    for member, field in (("rss_kb", rb"VmRSS"), ("hwm_kb", rb"VmHWM")):
        size = re.search(field + rb":\s*(\d+) kB", status)
        if size is not None:
            beat[member] = int(size[1])
    beat["inflight"] = held
    return _encode(beat) + b"\n"


def _result(value: Any) -> bytes:
    """The JSON of a result.

    Raises TaskFailure if JSON cannot hold a value in the result, with the place of this value if it is known.
    Raises TaskFailure too if the result nests too deeply, or is too long.
    """
    try:
        text = _encode(value)
    except RecursionError:
        raise TaskFailure(_TOO_DEEP) from None
    except (ValueError, TypeError, OverflowError) as error:
        raise TaskFailure(_why(error, value)) from None
    if len(text) > MAX_RESULT_BYTES:
        raise TaskFailure(
            f"the result has {len(text)} bytes, and no option allows more than {MAX_RESULT_BYTES}; return less of the page"
        )
    return text


_TOO_DEEP = "the result nests too deeply, or contains itself"


def _why(error: Exception, value: Any) -> str:
    """A sentence about a result that cannot be written as JSON."""
    # This is the encoder's own message (`json.encoder`). The search below would end only by RecursionError.
    if str(error) == "Circular reference detected":
        return _TOO_DEEP
    try:
        return _misfit(value, "result") or f"the result cannot be written as JSON: {error}"
    except RecursionError:
        return _TOO_DEEP


def _misfit(value: Any, place: str) -> str:
    """A sentence about the first value or key in `value` that JSON cannot hold; empty if there is none.

    `place` is the path to `value` in the result, such as `result['prices'][2]`.
    """
    if value is None or isinstance(value, str):
        return ""
    if isinstance(value, int):
        sentence = _too_long(value)
        return f"{place} {sentence}" if sentence else ""
    if isinstance(value, float):
        if value - value == 0:
            return ""
        return f"{place} is {value!r}, which JSON cannot express; return None or a string instead"
    if isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            sentence = _misfit(item, f"{place}[{index}]")
            if sentence:
                return sentence
        return ""
    if isinstance(value, dict):
        for key, item in value.items():
            if not (key is None or isinstance(key, (str, int, float))):
                return f"{place} has the key {key!r} of type {_kind(key)}; keys in JSON are strings"
            if isinstance(key, float) and key - key != 0:
                return f"{place} has the key {key!r}, which JSON cannot express"
            if isinstance(key, int) and _too_long(key):
                return f"{place} has a key that {_too_long(key)}"
            sentence = _misfit(item, f"{place}[{key!r}]")
            if sentence:
                return sentence
        return ""
    return f"{place} is of type {_kind(value)}, which JSON cannot hold; {_advice(value)}"


def _too_long(number: int) -> str:
    """Returns the fault of an integer whose digits Python refuses to write; empty for any other integer."""
    try:
        int.__repr__(number)
    except ValueError:
        bits = number.bit_length()
        return f"is an integer of {bits} bits, which Python does not write as digits; return a string instead"
    return ""


def _kind(value: Any) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _advice(value: Any) -> str:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return "decode it, or write it as base64"
    if isinstance(value, (set, frozenset)):
        return "make it a list, as by sorted(…)"
    if hasattr(type(value), "__dataclass_fields__"):
        return "make it a dictionary by dataclasses.asdict(…)"
    if hasattr(value, "__next__"):
        return "make it a list by list(…)"
    return "return dictionaries, lists, strings, numbers, booleans and None"


def _failure_text(error: BaseException) -> bytes:
    """The JSON of `_failure`; if `_failure` raises an error, JSON with a shorter message."""
    try:
        return _encode(_failure(error))
    except Exception as inner:
        try:
            # The import of `traceback` may have failed, for example because no descriptor was free.
            message = f"{type(error).__name__}: {error}"
        except Exception:
            message = f"{type(error).__name__}, which cannot be shown: {type(inner).__name__}"
        return _encode({"class": "processor", "message": _shortened(message), "retryable": False})


def _failure(error: BaseException) -> dict[str, Any]:
    """The `error` of a result message.

    If the error is not a TaskFailure, the message is the error's type and text, followed by the lines of the
    traceback. If the error may come from the memory limit, the function ends the process instead.
    """
    if isinstance(error, TaskFailure):
        return {
            "class": str(error.error_class),
            "message": _shortened(str(getattr(error, "message", error)) or type(error).__name__),
            "retryable": bool(error.retryable),
        }
    if _is_at_memory_limit(error):
        # After the end of this process, a fresh worker tries the task again if a retry is left. Otherwise the
        # record says `oom`.
        try:
            # The import may want more memory than there is.
            import traceback

            traceback.print_exception(type(error), error, error.__traceback__)
        finally:
            os.write(2, b"MemoryError\n")
            os._exit(1)
    import traceback

    only = traceback.format_exception_only(type(error), error)
    frames = error.__traceback__
    # The message leaves out the outermost frames, which are of this file and of the event loop.
    while frames is not None and _is_between(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    lines = traceback.format_exception(type(error), error, frames)
    if lines[-len(only) :] == only:
        lines = lines[: -len(only)]
    message = "".join(only).rstrip() + "\n" + "".join(lines).rstrip()
    return {"class": "processor", "message": _shortened(message.rstrip()), "retryable": False}


def _is_at_memory_limit(error: BaseException) -> bool:
    """True if `error` may come from the limit of --worker-memory."""
    limit, _ = resource.getrlimit(resource.RLIMIT_DATA)
    if limit == resource.RLIM_INFINITY:
        return False
    try:
        if _is_of_memory(error):
            return True
        # Libraries in C raise errors of their own if they get no memory, such as the XMLSyntaxError of lxml.
        file = os.open("/proc/self/status", os.O_RDONLY)
        try:
            data = re.search(rb"VmData:\s*(\d+) kB", os.read(file, 4096))
        finally:
            os.close(file)
    except MemoryError:
        return True
    except OSError:
        return False
    return data is not None and int(data[1]) << 10 > limit // 10 * 9


def _is_of_memory(error: BaseException) -> bool:
    """True if `error`, one of its causes, or a member of its group says that memory is short."""
    found: list[Any] = [error]
    known = {id(error)}
    for each in found:
        if isinstance(each, MemoryError) or isinstance(each, OSError) and each.errno == errno.ENOMEM:
            return True
        # The class of error groups, `BaseExceptionGroup`, exists since Python 3.11.
        members = getattr(each, "exceptions", None)
        others = [each.__cause__, None if each.__suppress_context__ else each.__context__]
        for other in others + list(members if isinstance(members, (list, tuple)) else ()):
            if isinstance(other, BaseException) and id(other) not in known:
                known.add(id(other))
                found.append(other)
    return False


def _is_of_handler(error: BaseException) -> bool:
    """True if the present handler of SIGTERM has raised `error`; a task may have installed this handler."""
    code = getattr(signal.getsignal(signal.SIGTERM), "__code__", None)
    frames = error.__traceback__ if code is not None else None
    while frames is not None and not (frames.tb_frame.f_code is code and _got_sigterm(frames.tb_frame)):
        frames = frames.tb_next
    return frames is not None


def _got_sigterm(frame: Any) -> bool:
    """True if the call of `frame` got the number of SIGTERM.

    The code alone does not identify a handler: functions with the same decorator share their code.
    """
    for value in list(frame.f_locals.values()):
        first = value[0] if isinstance(value, tuple) and value else value
        if isinstance(first, int) and first == signal.SIGTERM:
            return True
    return False


def _is_between(file: str) -> bool:
    event_loop = getattr(sys.modules.get("asyncio"), "__file__", None)
    return file == __file__ or event_loop is not None and os.path.dirname(file) == os.path.dirname(event_loop)


def _shortened(message: str) -> str:
    if len(message) <= MAX_MESSAGE_CHARACTERS:
        return message
    half = MAX_MESSAGE_CHARACTERS // 2
    return f"{message[:half]}\n[…]\n{message[-half:]}"


# Text

# The labels of the Encoding Standard, by Python's name of the encoding that they stand for. Python does not
# know `replacement` and `x-user-defined`; these are names of the standard.
_LABELS = """
utf-8: unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8
cp866: 866 cp866 csibm866 ibm866
iso8859-2: csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2
iso8859-3: csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3
iso8859-4: csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4
iso8859-5: csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988
iso8859-6: arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e iso-8859-6-i
    iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987
iso8859-7: csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 iso_8859-7
    iso_8859-7:1987 sun_eu_greek
iso8859-8: csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8
    iso_8859-8:1988 visual csiso88598i iso-8859-8-i logical
iso8859-10: csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6
iso8859-13: iso-8859-13 iso8859-13 iso885913
iso8859-14: iso-8859-14 iso8859-14 iso885914
iso8859-15: csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9
iso8859-16: iso-8859-16
koi8-r: cskoi8r koi koi8 koi8-r koi8_r
koi8-u: koi8-ru koi8-u
mac-roman: csmacintosh mac macintosh x-mac-roman
cp874: dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874
cp1250: cp1250 windows-1250 x-cp1250
cp1251: cp1251 windows-1251 x-cp1251
cp1252: ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1
    iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252
cp1253: cp1253 windows-1253 x-cp1253
cp1254: cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 windows-1254
    x-cp1254
cp1255: cp1255 windows-1255 x-cp1255
cp1256: cp1256 windows-1256 x-cp1256
cp1257: cp1257 windows-1257 x-cp1257
cp1258: cp1258 windows-1258 x-cp1258
mac-cyrillic: x-mac-cyrillic x-mac-ukrainian
gb18030: chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk gb18030
big5hkscs: big5 big5-hkscs cn-big5 csbig5 x-x-big5
euc_jp: cseucpkdfmtjapanese euc-jp x-euc-jp
iso2022-jp: csiso2022jp iso-2022-jp
cp932: csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis
cp949: cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949
replacement: csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr replacement
utf-16-be: unicodefffe utf-16be
utf-16-le: csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le
x-user-defined: x-user-defined
"""
_codecs: dict[str, str] = {}


def _codec(label: Optional[str]) -> Optional[str]:
    """The name in `_LABELS` of the encoding for a label of the Encoding Standard; None for any other text."""
    if not label:
        return None
    if not _codecs:
        for line in _LABELS.replace("\n    ", " ").split("\n"):
            codec, _, labels = line.partition(": ")
            _codecs.update(dict.fromkeys(labels.split(), codec))
    return _codecs.get(label.strip().lower())


def _decoded(body: bytes, charset: Optional[str], content_type: str) -> str:
    """The text of a page (HTML §13.2.3.2)."""
    for mark, codec in ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le")):
        if body.startswith(mark):
            return body[len(mark) :].decode(codec, "replace")
    found = _codec(charset)
    if found is None:
        essence = _essence(content_type)
        is_html = essence in ("text/html", "")
        is_xml = not is_html and essence.endswith(("/xml", "+xml"))
        found = _declared(body[:1024], is_xml) if is_html or is_xml else None
        if found is None:
            try:
                return body.decode()
            except UnicodeDecodeError:
                found = (_declared_anywhere(body) if is_html else None) or "cp1252"
    if found == "replacement":
        # These encodings could hide markup, so browsers show U+FFFD in place of the whole page.
        return "\ufffd" if body else ""
    if found == "x-user-defined":
        return codecs.charmap_decode(body, "strict", _USER_DEFINED)[0]
    if found == "iso2022-jp":
        return _decoded_iso2022jp(body)
    return _decoded_legacy(body, found)


_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def _essence(content_type: str) -> str:
    """The last media type of a list (Fetch Standard, "extract a MIME type"), in lower case and without parameters.

    Empty if there is no type, or if the type makes browsers look at the body (MIME Sniffing Standard §7).
    """
    if content_type == "text/html":
        return content_type
    if '"' in content_type:
        # A comma in quotation marks separates nothing.
        content_type = re.sub(r'"(?:[^"\\]|\\.)*"?', '""', content_type, flags=re.DOTALL)
    last = ""
    for element in content_type.split(","):
        essence = element.partition(";")[0].strip(" \t\r\n")
        kind, _, subtype = essence.partition("/")
        if kind and subtype and essence != "*/*" and _TOKEN.issuperset(kind) and _TOKEN.issuperset(subtype):
            last = essence.lower()
    return "" if last in ("unknown/unknown", "application/unknown") else last


def _declared(head: bytes, is_xml: bool) -> Optional[str]:
    """The encoding that the beginning of a page declares, in a `meta` element or an XML declaration.

    In XML, a `meta` element declares nothing.
    """
    # An XML declaration in UTF-16 without a byte order mark.
    if head.startswith(b"<\0?\0x\0"):
        return "utf-16-le"
    if head.startswith(b"\0<\0?\0x"):
        return "utf-16-be"
    usual = re.match(_USUAL_HEAD, head, re.IGNORECASE)
    codec = _declared_codec(usual[1]) if usual is not None and not is_xml else None
    if codec is not None:
        return codec
    of_xml = _declared_codec(_xml_encoding(head)) if head.startswith(b"<?xml") else None
    # The first scan of a browser also accepts a `meta` element in content that its parser later treats as text,
    # such as a script.
    return of_xml if is_xml else _declared_anywhere(head) or _declared_anywhere(head, is_prescan=True) or of_xml


def _xml_encoding(head: bytes) -> bytes:
    """The encoding that an XML declaration names; empty if there is none (HTML Standard, "XML encoding")."""
    end = head.find(b">")
    place = head.find(b"encoding", 0, max(end, 0))
    if place < 0:
        return b""
    named = re.compile(rb"""encoding[\0-\x20]*=[\0-\x20]*(?:"([^"\0-\x20]*)"|'([^'\0-\x20]*)')""")
    found = named.match(head, place, end)
    return found[1] or found[2] or b"" if found is not None else b""


# The beginning of most pages: nothing before the declaration needs a scan of tags.
_USUAL_HEAD = (
    rb"""\s*(?:<!doctype[^>]*>\s*)?(?:<html(?:\s+[a-z:-]+="[^"]*")*>\s*)?(?:<head>\s*)?"""
    rb"""<meta\s+charset="([^"]*)"\s*/?>"""
)
# Patterns are compiled at their first use: many workers never use them, and so start faster.
_OPENED = rb"<(?:(!--)|(/?)([a-zA-Z][^\s/>]*)|[!?/])"
# The parser of a browser ignores `meta` elements in comments, and in elements whose content is text.
_RAW = frozenset(b"script style title noscript textarea iframe noembed noframes xmp plaintext".split())
_ATTRIBUTE = rb"""[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)(?:"|\Z)|'([^']*)(?:'|\Z)|([^\s>"'][^\s>]*)|(?=>)))?"""
# Up to 500 attributes of a tag; a tag with more attributes needs several matches. Until a match has ended,
# Python keeps about 320 bytes for each repetition.
_ATTRIBUTES = rb"(?:" + _ATTRIBUTE.replace(b"([^", b"(?:[^") + rb"){1,500}"
_TAG_END = rb"[\s/]*>"
_CHARSET = rb"""charset\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;"'][^\s;]*))"""


def _declared_anywhere(page: bytes, is_prescan: bool = False) -> Optional[str]:
    """The encoding that a `meta` element anywhere in a page declares.

    With `is_prescan`, a `meta` element in a script and the like counts too.
    """
    lowered = page.lower()
    if b"<meta" not in lowered or b"charset" not in lowered:
        return None
    opening, some, tag_end = re.compile(_OPENED), re.compile(_ATTRIBUTES), re.compile(_TAG_END)
    comment_end = rb"-->" if is_prescan else rb"--(?:(?<!<!--)!)?>"
    # The number of open elements `svg` and `math`, in which no element's content is text.
    depth = 0
    opened = opening.search(page)
    while opened is not None:
        comment, slash, name = opened.groups()
        end = opened.end()
        if comment:
            # The hyphens that begin a comment may also end it.
            closed = re.compile(comment_end).search(page, end - 2)
            end = closed.end() if closed is not None else -1
        elif not name:
            end = page.find(b">", end)
        else:
            start = end
            attributes = some.match(page, end)
            while attributes is not None:
                end = attributes.end()
                attributes = some.match(page, end)
            closing = tag_end.match(page, end)
            if closing is None:
                return None
            end = closing.end()
            name = name.lower()
            if name == b"meta" and not slash:
                codec = _meta_codec(page, start, end, is_prescan)
                if codec is not None:
                    return codec
            if name in (b"svg", b"math"):
                if slash:
                    depth = max(0, depth - 1)
                elif page[end - 2 : end - 1] != b"/":
                    depth += 1
            elif name in _RAW and not (slash or depth or is_prescan):
                closed = re.compile(rb"</" + name + rb"[\s/>]", re.IGNORECASE).search(page, end)
                end = closed.start() if closed is not None else -1
        opened = opening.search(page, end) if end >= 0 else None
    return None


def _meta_codec(page: bytes, start: int, end: int, is_prescan: bool) -> Optional[str]:
    """The encoding that the attributes of a `meta` element declare."""
    values: dict[bytes, bytes] = {}
    attribute = re.compile(_ATTRIBUTE)
    # `search` in place of `match` would begin again at each blank after the last attribute.
    found = attribute.match(page, start, end - 1)
    while found is not None:
        name, *quoted = found.groups()
        name = name.lower()
        if name in (b"charset", b"content", b"http-equiv"):
            values.setdefault(name, next(filter(None, quoted), b""))
        found = attribute.match(page, found.end(), end - 1)
    codec = _declared_codec(values.get(b"charset", b""))
    if codec is not None or is_prescan and b"charset" in values:
        return codec
    if values.get(b"http-equiv", b"").lower() != b"content-type":
        return None
    inside = re.search(_CHARSET, values.get(b"content", b""), re.IGNORECASE)
    return _declared_codec(next(filter(None, inside.groups()), b"")) if inside is not None else None


def _declared_codec(label: bytes) -> Optional[str]:
    codec = _codec(label.decode("latin-1"))
    # A page whose declaration could be read as ASCII is not in UTF-16.
    if codec is not None and codec.startswith("utf-16"):
        return "utf-8"
    return "cp1252" if codec == "x-user-defined" else codec


# Differences between the decoders of Python and of browsers: by codec, the characters that Python gives, and
# the characters that browsers give in their place.
_DIFFERENT = {
    "big5hkscs": ("•､‾∼♁☉¥¢£", "‧﹑¯～⊕⊙￥￠￡"),
    "cp932": ("\uf8f0\uf8f1\uf8f2\uf8f3", "\ufffd\ufffd\ufffd\ufffd"),
    "euc_jp": ("〜‖−¢£¬", "～∥－￠￡￢"),
    "gb18030": (
        "\ue5e5\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793\ue794\ue795\ue796\ue7c7"
        "\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864",
        "\u3000︐︒︑︓︔︕︖︗︘︙ḿ龴龵龶龷龸龹龺龻",
    ),
    "koi8-u": ("╝╬", "ўЎ"),
}
# Sequences of bytes that are one error to browsers. An ASCII byte after a lead byte is not part of the error,
# and stays in the text. In gb18030, the digits of a sequence of four bytes are part of the error if the
# sequence is complete, or is cut by the end of the page.
_ERRORS = {
    "big5hkscs": rb"[\x81-\xfe][\x80-\xff]",
    "cp932": rb"[\x81-\x9f\xe0-\xfc][\x80-\xff]",
    "cp949": rb"[\x81-\xfe][\x80-\xff]",
    "euc_jp": rb"\x8f[\xa1-\xfe][\x80-\xff]|[\x8e\x8f\xa1-\xfe][\x80-\xff]",
    "gb18030": rb"[\x81-\xfe](?:[0-9][\x81-\xfe][0-9]|[0-9][\x81-\xfe]?\Z|[\x80-\xff])",
}


# Codes for which Python gives an error, or another character than browsers. Each entry is a code, and the
# characters that browsers give for this code and the next ones. The pattern finds one sequence of bytes after
# the other, so that no code is found across two sequences.
_EXCEPTIONS = {
    "big5hkscs": (
        rb"[\x81-\xfe][@-~\x80-\xff]",
        """
877a 㡵𡵓𣚞𦀡㻬𥣞㫵竼龗𤅡𨤍𣇪𠪊𣉞䌊蒄龖鐯䤰蘓墖靊鈘秐稲晠権袝瑌篅枂稬剏遆㓦珄𥶹瓆鿇垳䤯呌䄱𣚎堘穲𧭥讏䚮𦺈䆁𥶙箮𢒼鿈𢓁𢓉𢓌鿉蔄𣖻䂴鿊䓡𪷿拁灮鿋
8e69 箸 8e6f 簆 8e7e 糎 8eab 緒 8eb4 縝 8ecd 者 8ed0 耨 8f57 菁 8f69 蒨 8f6e 萏
8fcb 覦覩 8ffe 起 906d 都 907a 銹 90dc 靜 90f1 響 91bf 鼖 9244 蔃 92af 兙兛兝兞
92c8 鍮 92d1 瑹 9447 浧 94ca 禛 95d9 邗 9644 靝 96ed 瀞 96fc 嬨 9b76 爁 9b78 矗
9b7b 纇 9bc6 駖 9bde 釔 9bec 惞 9bf6 澶 9c42 輶 9c53 侻 9c62 營 9c68 鄄 9c6b 鷰
9c77 菏 9cbc 尐秣 9cd0 婧 9d57 輋 9d5a 筑 9dc4 拐 9ea9 恢 9eef 痹 9efd 汊 9f60 鬮
9f66 鼗 9fcb 僭 9fd8 弌 a063 蠏 a077 拎 a0d5 瑨 a0df 煢 a0e4 牐 a241 ∕﹨
a3c0 ␀␁␂␃␄␅␆␇␈␉␊␋␌␍␎␏␐␑␒␓␔␕␖␗␘␙␚␛␜␝␞␟␡ c6cf 廴 c6d3 无 c6d5 癶 c6d7 隶 c6de 〃仝
fa5f 倩 fa66 偽 fabd 包 fac5 卄 fad5 卿 fb48 嘅 fbb8 婷 fbf3 幵 fbf9 廐 fc4f 彘
fc6c 悤 fcb9 撐 fce2 晴 fcf1 杞 fdb7 沜渝 fdbb 港 fdf1 煮 fe52 猪 fe6f 瑜 feaa 瓩
fedd 砉
""",
    ),
    "euc_jp": (rb"\x8f[\xa1-\xfe][\x80-\xff]|[\x8e\x8f\xa1-\xfe][\x80-\xff]", "8fa2b7 ～"),
}
_exceptions: dict[str, tuple[re.Pattern[bytes], dict[bytes, str]]] = {}


def _decoded_legacy(body: bytes, codec: str) -> str:
    if codec.startswith("utf"):
        return body.decode(codec, "replace")
    if codec == "cp1255":
        # Python's codec lacks one Hebrew vowel point.
        return "\u05ba".join(part.decode(codec, _MENDS) for part in body.split(b"\xca"))
    if codec not in _EXCEPTIONS:
        return _decoded_part(body, codec)
    pattern, listed = _EXCEPTIONS[codec]
    if codec not in _exceptions:
        characters: dict[bytes, str] = {}
        endings: dict[bytes, list[bytes]] = {}
        words = listed.split()
        for code, run in zip(map(bytearray.fromhex, words[::2]), words[1::2]):
            for character in run:
                characters[bytes(code)] = character
                endings.setdefault(bytes(code[:-1]), []).append(re.escape(bytes(code[-1:])))
                code[-1] += 0x23 if code[-1] == 0x7E else 1
        # The pattern has one alternative for each lead byte. With one alternative for each code, a search is
        # many times slower.
        leads = (re.escape(lead) + b"[" + b"".join(ends) + b"]" for lead, ends in endings.items())
        # Both values are stored at once, so another thread never sees only one of them.
        _exceptions[codec] = re.compile(b"|".join(leads)), characters
    search, characters = _exceptions[codec]
    if search.search(body) is None:
        return _decoded_part(body, codec)
    parts: list[str] = []
    start = 0
    for sequence in re.finditer(pattern, body):
        exception = characters.get(sequence[0])
        if exception is not None:
            parts += [_decoded_part(body[start : sequence.start()], codec), exception]
            start = sequence.end()
    return "".join([*parts, _decoded_part(body[start:], codec)])


def _decoded_part(part: bytes, codec: str) -> str:
    text = part.decode(codec, _MENDS)
    for theirs, ours in zip(*_DIFFERENT.get(codec, ("", ""))):
        text = text.replace(theirs, ours)
    return text


def _decoded_iso2022jp(body: bytes) -> str:
    """The text of ISO-2022-JP.

    Each run of bytes is in one of four character sets. An escape sequence before a run names the set of this
    run; a run at the beginning of the page is in ASCII.
    """
    run, *others = re.split(rb"\x1b(\([BJI]|\$[@B])", body)
    texts = [_decoded_run(b"(B", run)]
    is_empty = False
    for name, run in zip(others[::2], others[1::2]):
        # Two escape sequences, one directly after the other, could hide markup.
        texts += ["\ufffd" if is_empty else "", _decoded_run(name, run)]
        is_empty = not run
    return "".join(texts)


def _decoded_run(name: bytes, run: bytes) -> str:
    if name in (b"$@", b"$B"):
        # EUC-JP has the characters of this set, in high bytes. An escape that begins no sequence is an error
        # of its own, also after the first byte of a character.
        parts = run.translate(_HIGH_BYTES).split(b"\x1b")
        return "\ufffd".join([_decoded_legacy(part, "euc_jp") for part in parts])
    if name == b"(I":
        return codecs.charmap_decode(run, "strict", _KATAKANA)[0]
    text = re.sub("[\x0e\x0f\x1b]", "\ufffd", run.decode("ascii", "replace"))
    return text.replace("\\", "¥").replace("~", "‾") if name == b"(J" else text


_HIGH_BYTES = bytes(
    byte | 0x80 if 0x21 <= byte <= 0x7E else byte if byte == 0x1B else 0x80 for byte in range(256)
)
# The characters of the 256 bytes, for `charmap_decode`. A generator of single characters would take 90 times
# the memory of the page.
_USER_DEFINED = "".join(chr(byte if byte < 0x80 else 0xF700 + byte) for byte in range(256))
_KATAKANA = "".join(chr(0xFF40 + byte) if 0x21 <= byte <= 0x5F else "\ufffd" for byte in range(256))
_MENDS = "fetchpool_mends"


def _mend(error: UnicodeError) -> tuple[str, int]:
    """Returns the text that browsers show for bytes that Python refuses, and where the decoder goes on."""
    assert isinstance(error, UnicodeDecodeError)
    body, start, codec = error.object, error.start, error.encoding
    byte = body[start]
    if codec not in _ERRORS:
        # An undefined single byte below 0xA0 is a control character; any other undefined byte is U+FFFD.
        return (chr(byte) if byte < 0xA0 else "\ufffd"), start + 1
    found = re.compile(_ERRORS[codec]).match(body, start)
    end = found.end() if found is not None else start + 1
    if byte == 0x80 and codec == "gb18030":
        return "€", end
    pair = body[start:end]
    try:
        if len(pair) != 2:
            pass
        elif codec == "euc_jp" and byte >= 0xA1 and 0xA1 <= pair[1] <= 0xFE:
            # The extensions of NEC and IBM.
            row, column = byte - 0xA1, pair[1] - 0xA1
            place = column + 94 * (row % 2)
            lead = row // 2 + (0x81 if row < 62 else 0xC1)
            return bytes((lead, place + (0x40 if place < 0x3F else 0x41))).decode("cp932"), end
        elif codec == "big5hkscs":
            return pair.decode("cp950"), end
    except UnicodeDecodeError:
        pass
    return "\ufffd", end


codecs.register_error(_MENDS, _mend)


# The system

# For each worker, the coordinator sets this variable to a path in `/proc/PID`, with the coordinator's process
# id. Programs that the worker starts inherit the variable.
_VARIABLE = "FETCHPOOL_OUTPUT_TAIL"
_READ_BEFORE = "standard input was read or replaced before `serve`"


def _is_worker() -> bool:
    """True if a coordinator has started this very process as its worker, and its pipes are in place."""
    if not os.environ.get(_VARIABLE, "").startswith(f"/proc/{os.getppid()}/") or os.getpgrp() != os.getpid():
        return False
    try:
        return all(stat.S_ISFIFO(os.fstat(descriptor).st_mode) for descriptor in (0, 1))
    except OSError:
        return False


def _descriptors() -> Optional[tuple[int, int]]:
    """The descriptors of the protocol, if they were moved when this file was imported; otherwise None."""
    # A second copy of this file also finds the descriptors, because `sys` holds them.
    found: Optional[tuple[int, int]] = getattr(sys, "_fetchpool_descriptors", None)
    return found


def _moved_descriptors() -> tuple[int, int]:
    """Moves the protocol away from descriptors 0 and 1.

    Descriptor 0 becomes /dev/null, or the terminal if the input is a file. Descriptor 1 becomes standard
    error.

    Returns the new descriptors. Raises OSError, for example if 0 or 1 is closed.
    """
    # PyPy does not define this command of fcntl(2), which is 1030 on Linux. The copies are above 2 even if a
    # standard descriptor is closed. Programs that the worker starts do not inherit the copies.
    command = getattr(fcntl, "F_DUPFD_CLOEXEC", 1030)
    moved = fcntl.fcntl(0, command, 3), fcntl.fcntl(1, command, 3)
    try:
        os.fstat(2)
    except OSError:
        os.dup2(os.open("/dev/null", os.O_WRONLY), 2)
    null = os.open("/dev/null", os.O_RDONLY)
    if stat.S_ISREG(os.fstat(moved[0]).st_mode):
        # Somebody examines a kept task by hand, perhaps with a debugger, which reads from the terminal.
        try:
            terminal = os.open("/dev/tty", os.O_RDONLY)
        except OSError:
            pass
        else:
            os.close(null)
            null = terminal
    os.dup2(null, 0)
    os.close(null)
    # Text that was printed before and is still in Python's buffer goes to standard error too.
    os.dup2(2, 1)
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        # As on standard error, a character that the encoding lacks must not fail a page.
        try:
            reconfigure(line_buffering=True, errors="backslashreplace")
        except OSError:
            # A stream that was opened on a file asks for its position in the file, and standard error may
            # have no position.
            encoding = sys.stdout.encoding
            sys.stdout = open(1, "w", 1, encoding, errors="backslashreplace", closefd=False)
    return moved


def _poll() -> select.poll:
    return getattr(select, "poll", _poll_of_system)()


def _is_ready(descriptor: int, event: int, milliseconds: Optional[int] = 0) -> bool:
    waiting = _poll()
    waiting.register(descriptor, event)
    return bool(waiting.poll(milliseconds))


def _prepare_memory() -> None:
    """Makes glibc and Python's garbage collection take less time in each task."""
    # By default, glibc gives the heap's end back to the system after each web page, and takes it again for
    # the next page. After a block of `KEPT_BYTES` has been freed, glibc keeps the heap's end. Nothing writes
    # to the block, so the block takes no memory.
    bytes(KEPT_BYTES)
    # After `freeze`, full garbage collections do not examine what the script has imported and loaded so far.
    if hasattr(gc, "freeze"):
        gc.collect()
        gc.freeze()


def _limit_memory(config: Any) -> None:
    """Sets the limit of --worker-memory in a worker that is run by hand.

    For any other worker, fetchpool sets the limit.
    """
    size = config.get("memory_bytes") if isinstance(config, dict) else None
    if not isinstance(size, int):
        return
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    if most != resource.RLIM_INFINITY:
        size = min(size, most)
    try:
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    except (OSError, OverflowError, ValueError):
        pass


def _show_crashes() -> None:
    """Makes a crash show its file and line, unless PYTHONFAULTHANDLER, which a coordinator sets, does so."""
    import faulthandler

    if not faulthandler.is_enabled():
        try:
            faulthandler.enable(2)
        except OSError:
            pass


def _say(name: str, sentence: str) -> None:
    try:
        os.write(2, f"{name or 'fetchpool_worker'}: {sentence}\n".encode("utf-8", "backslashreplace"))
    except OSError:
        pass


def _leave(name: str, reason: str) -> NoReturn:
    """Prints `reason`, and ends the process at once; a process that leads its group ends the whole group."""
    _say(name, reason)
    if os.getpgrp() == os.getpid():
        os.kill(0, signal.SIGKILL)
    os._exit(1)


# Programs that the script starts before it calls `serve` must not inherit the pipes of the protocol.
if _descriptors() is None and _is_worker():
    setattr(sys, "_fetchpool_descriptors", _moved_descriptors())
