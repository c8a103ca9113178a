// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of workers in Python that use `Scripts/fetchpool_worker.py`.
@Suite(.ownThread)
struct PythonWorkerTests {
    private let folder: TestFolder

    private static let scripts = Snippet.root.appendingPathComponent("Scripts").path

    init() throws {
        folder = TestFolder()
        // The body of a page is an expression of Python, which the worker evaluates.
        try folder.write(
            """
            import ctypes, dataclasses, logging, multiprocessing, os, sys, time
            sys.path.insert(0, \(#""\#(Self.scripts)""#))
            from fetchpool_worker import Response, TaskFailure, serve

            logging.basicConfig(stream=sys.stdout)

            @dataclasses.dataclass
            class Price:
                euros: int = 1

            class Bare(TaskFailure):
                def __init__(self, text):
                    pass

            class Unshown:
                def __str__(self):
                    return self.missing

            def fails(error):
                raise error

            def deep():
                return deep()

            def json_of(body):
                return Response({}, {"body": body}).json()

            def square(number):
                return number * number

            def squares(method):
                with multiprocessing.get_context(method).Pool(2) as pool:
                    return {"squares": pool.map(square, range(4))}

            def forked():
                child = os.fork()
                if child == 0:
                    return "from the child"
                return {"status": os.waitpid(child, 0)[1] >> 8}

            def prints():
                print("printed")
                os.system("echo from a program")
                logging.warning("logged")
                ctypes.CDLL(None).puts(b"from C")
                ctypes.CDLL(None).fflush(None)
                return {}

            async def later(value):
                return value

            def parse(response):
                return eval(response.text, globals(), {"response": response})

            serve(parse)

            """,
            to: "worker.py"
        )
    }

    /// Runs `command` as the worker of a run with one page for each expression; returns the records of the
    /// pages, in the order of the expressions.
    private func records(
        _ expressions: [String],
        _ options: [String] = [],
        command: String = "python3 worker.py"
    ) throws -> [Record] {
        let tasks = try expressions.map { expression in
            let body = Data(expression.utf8).base64EncodedString()
            let task = ["url": "data:text/plain;charset=utf-8;base64,\(body)"]
            return String(decoding: try JSONEncoder().encode(task), as: UTF8.self)
        }
        let words = ["-C", folder.path, BuiltPrograms.path("fetchpool"), "-q", "-w", "1", "-x", command]
        let run = try RunningProgram.run(
            "/usr/bin/env",
            words + options,
            input: tasks.joined(separator: "\n"),
            within: .seconds(120)
        )
        let records = try run.records.sorted { (Int($0.id) ?? 0) < (Int($1.id) ?? 0) }
        try #require(records.count == expressions.count, "\(run.errors)")
        return records
    }

    @Test func resultsAreWhatTheFunctionReturns() throws {
        let records = try records([
            "{'id': response.id, 'status': response.status, 'meta': response.meta}",
            "{'type': response.headers['Content-Type'], 'charset': response.charset}",
            "{'text': 'Zürich \\U0001F426', 'half': '\\udc80\\ud83d', 'halves': '\\ud83d\\ud83d\\ude00', 'float': 0.1, 'none': None, 'pair': (1, 2)}",
            "later({'awaited': True})", "{'text': 'x' * ((16 << 20) - 300)}",
        ])
        #expect(records.map(\.outcome) == Array(repeating: "ok", count: 5))
        #expect(records[0].result["id"] as? Int == 1)
        #expect(records[0].result["status"] as? Int == 200)
        #expect(records[0].result["meta"] is NSNull)
        #expect(records[1].result["type"] as? String == "text/plain;charset=utf-8")
        #expect(records[1].result["charset"] as? String == "utf-8")
        #expect(records[2].result["text"] as? String == "Zürich 🐦")
        #expect(records[2].result["half"] as? String == "\u{FFFD}\u{FFFD}")
        #expect(records[2].result["halves"] as? String == "\u{FFFD}😀")
        #expect(records[2].result["pair"] as? [Int] == [1, 2])
        #expect(records[3].result["awaited"] as? Bool == true)
        #expect((records[4].result["text"] as? String)?.utf8.count == (16 << 20) - 300)
    }

    @Test func whateverIsPrintedGoesToStandardError() throws {
        let command = "sh -c 'PYTHONIOENCODING=ascii python3 worker.py 2>errors'"
        let pages = ["prints()", #"print("half \ud83d, é")"#]
        #expect(try records(pages, command: command).map(\.outcome) == ["ok", "ok"])
        let errors = try folder.read("errors")
        for line in ["printed", "from a program", "WARNING:root:logged", "from C", #"half \ud83d, \xe9"#] {
            #expect(errors.contains(line + "\n"))
        }
    }

    @Test(arguments: [
        ("fails(KeyError('price'))", "KeyError: 'price'\nTraceback (most recent call last):\n"),
        ("sys.exit(3)", "SystemExit: 3\n"),
        ("fails(KeyboardInterrupt())", "KeyboardInterrupt\n"),
        ("deep()", "RecursionError: maximum recursion depth exceeded"),
        ("bytearray(1 << 60)", "MemoryError\n"),
        ("fails(TaskFailure('no price'))", "no price"),
        ("fails(TaskFailure(ValueError('no price')))", "no price"),
        ("fails(TaskFailure(404))", "404"),
        ("fails(Bare('no price'))", "no price"), ("fails(Bare(''))", "Bare"),
        ("fails(TaskFailure(Unshown()))", "TaskFailure, which cannot be shown: AttributeError"),
        ("{'a': [1, float('nan')]}", "result['a'][1] is nan, which JSON cannot express; return None"),
        ("float('-inf')", "result is -inf, which JSON cannot express"),
        ("{'a': [10 ** 5000]}", "result['a'][0] is an integer of 16610 bits, which Python does not write as"),
        ("[{10 ** 5000: 1}]", "result[0] has a key that is an integer of 16610 bits"),
        ("[{float('nan'): 1}]", "result[0] has the key nan, which JSON cannot express"),
        ("json_of('[1, NaN]')", "ValueError: NaN is not JSON"),
        ("json_of('[' * 100000)", "ValueError: the body nests too deeply"),
        ("b'x'", "result is of type bytes, which JSON cannot hold; decode it"),
        ("[{1, 2}]", "result[0] is of type set, which JSON cannot hold; make it a list"),
        ("Price()", "result is of type __main__.Price, which JSON cannot hold; make it a dictionary"),
        ("{(1, 2): 3}", "result has the key (1, 2) of type tuple; keys in JSON are strings"),
        ("(x for x in [1])", "result is of type generator, which JSON cannot hold; make it a list"),
        ("(lambda a: a.append(a) or a)([])", "the result nests too deeply, or contains itself"),
        ("'x' * (16 << 20)", "the result has 16777218 bytes, and no option allows more than 16776960"),
    ])
    func aFailureCostsItsPageAloneAndSaysWhy(expression: String, message: String) throws {
        let records = try records([expression, "{'next': os.getpid()}"])
        #expect(records[0].outcome == "process_error")
        #expect(records[0].errorClass == "processor")
        #expect(records[0].errorMessage.hasPrefix(message), "\(records[0].errorMessage)")
        #expect(records[1].outcome == "ok")
        // The process that handled the failed page handles the next page.
        #expect(records[1].processorPid == records[0].processorPid)
    }

    @Test func theTracebackNamesFileAndLineOfTheFunction() throws {
        let message = try #require(records(["fails(ValueError('bad'))"]).first).errorMessage
        #expect(message.hasPrefix("ValueError: bad\nTraceback"))
        #expect(message.contains("worker.py\", line 20, in fails\n    raise error"))
        #expect(!message.contains("fetchpool_worker.py"))
    }

    /// The traceback leaves out frames of the package `asyncio`, but not frames of a user's folder `asyncio`.
    @Test func theTracebackNamesAFileInAFolderCalledAsyncio() throws {
        let path = try folder.write(
            """
            import sys
            sys.path.insert(0, \(#""\#(Self.scripts)""#))
            from fetchpool_worker import serve

            async def parse(response):
                raise ValueError("bad")

            serve(parse)

            """,
            to: "asyncio/own.py"
        )
        let record = try #require(records(["1"], command: "python3 '\(path)'").first)
        #expect(record.errorMessage.contains("own.py\", line 6, in parse\n"), "\(record.errorMessage)")
        #expect(!record.errorMessage.contains("run_until_complete"))
    }

    @Test func processesThatTheFunctionStartsHaveNoPartInTheProtocol() throws {
        let pools = ["fork", "spawn", "forkserver"].map { "squares('\($0)')" }
        let records = try records(pools + ["forked()", "{}"])
        #expect(records.map(\.outcome) == Array(repeating: "ok", count: 5))
        for record in records.prefix(3) { #expect(record.result["squares"] as? [Int] == [0, 1, 4, 9]) }
        #expect(records[3].result["status"] as? Int == 1)
        #expect(Set(records.map(\.processorPid)).count == 1)
    }

    /// The worker's main thread finds the closed descriptors after a short task.
    ///
    /// During a long task, a second thread of the worker reads the coordinator's messages, and finds the
    /// closed descriptors.
    @Test(arguments: [0, 100])
    func aFunctionThatClosesTheDescriptorsIsNamedAsTheReason(seconds: Int) throws {
        let worker = try worker(
            """
            from fetchpool_worker import serve

            def parse(response):
                os.closerange(3, 64)
                time.sleep(\(seconds))
            """
        )
        try worker.send(task(1, "none", 0))
        try worker.waitForErrors(holding: "a task has closed the worker's descriptors\n")
        #expect(try worker.waitForEnd() == .signal(SIGKILL))
    }

    /// The tasks close the descriptor of the body's file, or descriptors of the protocol.
    ///
    /// If a task then opens a file, the file gets the number of a descriptor that the task has closed.
    @Test(arguments: [
        "response.body; os.closerange(5, 64)",
        "file = os.open('.', 0); os.close(file); response.body; os.close(file); kept.append(open(other, 'a+'))",
        "os.closerange(3, 64); kept.extend([open(other, 'a+'), open(other, 'a+')])",
        // This task closes only the descriptors of the reading ends of pipes. One of these descriptors is the
        // worker's input.
        """
        [os.close(number) for number in range(3, 64) if os.path.exists(f"/proc/self/fd/{number}") and \
                    os.readlink(f"/proc/self/fd/{number}").startswith("pipe:") and \
                    not __import__("fcntl").fcntl(number, 3) & 3]; kept.append(open(other, "a+"))
        """,
    ])
    func aDescriptorThatAnotherFileHasTakenIsNotUsed(statements: String) throws {
        let path = try folder.write("bytes", to: "body")
        let other = try folder.write("", to: "other")
        let worker = try worker(
            """
            from fetchpool_worker import serve

            other, kept = \(#""\#(other)""#), []

            def parse(response):
                \(statements)
            """
        )
        try worker.send(task(1, path, 0))
        try worker.waitForErrors(holding: "a task has closed the worker's descriptors\n")
        #expect(try worker.waitForEnd() == .signal(SIGKILL))
        #expect(try worker.line() == nil)
        #expect(try folder.read("other").isEmpty)
    }

    @Test(arguments: ["fork", "spawn", "forkserver"])
    func processesThatTheScriptStartsBeforeItServesHaveNoPartInTheProtocol(method: String) throws {
        try folder.write(
            """
            import multiprocessing, subprocess, sys
            sys.path.insert(0, \(#""\#(Self.scripts)""#))
            from fetchpool_worker import serve

            def printing(text):
                print("from the pool", flush=True)
                return text

            def parse(response):
                return {"text": pool.apply(printing, (response.text,))}

            if __name__ == "__main__":
                subprocess.run(["head", "-c", "10"])
                pool = multiprocessing.get_context("\(method)").Pool(1)
                serve(parse)
                pool.terminate()

            """,
            to: "own.py"
        )
        let words = ["-q", "-w", "1", "-x", "python3 '\(folder.file("own.py"))'", "data:,a", "data:,b"]
        let run = try RunningProgram.run("fetchpool", words)
        let texts = try run.records.compactMap { $0.result["text"] as? String }
        #expect(texts.sorted() == ["a", "b"], "\(run.errors)")
    }

    /// A program that a worker starts inherits the environment variable that the coordinator sets for the
    /// worker.
    ///
    /// The module `fetchpool_worker` recognises a worker by this variable and by other signs, so the program
    /// is not taken for a worker.
    @Test func aProgramThatImportsTheModuleKeepsItsStandardOutput() throws {
        let program =
            "import sys; sys.path.insert(0, '\(Self.scripts)'); import fetchpool_worker; print(input())"
        let words = #"[sys.executable, "-c", "\#(program)"], input=b"read", start_new_session=True"#
        let page = "{'output': __import__('subprocess').check_output(\(words)).decode()}"
        let record = try #require(records([page]).first)
        #expect(record.result["output"] as? String == "read\n", "\(record.errorMessage)")
    }

    @Test func aWorkerServesEvenIfPythonLacksTheConstantForCopyingDescriptors() throws {
        let worker = try worker(
            """
            import fcntl
            del fcntl.F_DUPFD_CLOEXEC  # as in PyPy
            from fetchpool_worker import serve

            def parse(response):
                return response.attempt
            """
        )
        try worker.send(#"{"t":"task","seq":1,"attempt":2,"task":{"url":"u"}}"#)
        #expect(try worker.lineOtherThanBeat() == #"{"t":"result","seq":1,"result":2}"#)
    }

    @Test func aWorkerThatDoesNotGetTheStartOfItsInputSaysSo() throws {
        let command = "sh -c 'head -c 10 >eaten; python3 worker.py; exit'"
        let words = ["-C", folder.path, BuiltPrograms.path("fetchpool"), "-q", "-w", "1", "-x", command]
        let run = try RunningProgram.run("/usr/bin/env", words + ["data:,1"])
        #expect(run.end == .status(4))
        #expect(run.errors.contains("worker.py: standard input does not begin with"), "\(run.errors)")
    }

    /// Programs such as `coverage` import `multiprocessing` before they run the script as the main module.
    @Test func aProgramThatImportsMultiprocessingMayRunTheScript() throws {
        try folder.write(
            """
            import multiprocessing, runpy, sys
            sys.argv = sys.argv[1:]
            runpy.run_path(sys.argv[0], run_name="__main__")
            """,
            to: "run.py"
        )
        let records = try records(["{'one': 1}"], command: "python3 run.py worker.py")
        #expect(records[0].result["one"] as? Int == 1)
    }

    /// Packages such as `multiprocessing` run the script under the name `__mp_main__` in a child process, to
    /// find the functions of the script.
    @Test func aScriptThatRunsUnderTheNameOfAChildProcessDoesNotServe() throws {
        let code = "import runpy; runpy.run_path('worker.py', run_name='__mp_main__')"
        let run = try RunningProgram.run(
            "/usr/bin/env",
            ["-C", folder.path, "python3", "-c", code],
            within: .seconds(60)
        )
        #expect(run.end == .status(0))
        #expect(run.output.isEmpty && run.errors.isEmpty, "\(run.errors)")
    }

    @Test(arguments: [true, false])
    func anExitInAHandlerOfSIGTERMSendsNoResult(isInstalledByTheTask: Bool) throws {
        let worker = try worker(
            """
            import signal
            from fetchpool_worker import serve

            def install():
                signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

            \(isInstalledByTheTask ? "" : "install()")

            def parse(response):
                \(isInstalledByTheTask ? "install()" : "")
                os.write(2, b"begun\\n")
                time.sleep(60)
            """
        )
        try worker.send(task(1, "none", 0))
        try worker.waitForErrors(holding: "begun\n")
        worker.signal(SIGTERM)
        #expect(try worker.lineOtherThanBeat() == nil)
        #expect(try worker.waitForEnd() == .status(0))
    }

    @Test func afterATaskHasSurvivedSIGTERMAnExitByTheFunctionIsAnError() throws {
        let worker = try worker(
            """
            import signal
            from fetchpool_worker import serve

            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

            def parse(response):
                try:
                    if response.task["url"] == "kills":
                        os.kill(os.getpid(), signal.SIGTERM)
                except SystemExit:
                    return "survived"
                sys.exit(3)
            """
        )
        try worker.send(#"{"t":"task","seq":1,"attempt":1,"task":{"url":"kills"}}"#)
        #expect(try worker.line() == #"{"t":"result","seq":1,"result":"survived"}"#)
        try worker.send(#"{"t":"task","seq":2,"attempt":1,"task":{"url":"u"}}"#)
        #expect(try worker.line()?.contains(#""message":"SystemExit: 3"#) == true)
    }

    /// Without the cancellation, the coroutine would go on during later pages, which share the event loop.
    @Test func aCoroutineIsCancelledWhenAnotherAsyncioTaskOfItsPageExits() throws {
        let worker = try worker(
            """
            import asyncio
            from fetchpool_worker import serve

            seen = []

            async def exits():
                sys.exit(5)

            async def parse(response):
                if response.task["url"] != "u":
                    asyncio.create_task(exits())
                    while True:
                        try:
                            await asyncio.sleep(0.1)
                            seen.append("went on")
                        except asyncio.CancelledError:
                            seen.append("cancelled")
                            if response.task["url"] == "exits":
                                raise
                await asyncio.sleep(0.2)
                return seen
            """
        )
        try worker.send(#"{"t":"task","seq":1,"attempt":1,"task":{"url":"exits"}}"#)
        #expect(try worker.lineOtherThanBeat()?.contains(#""message":"SystemExit: 5"#) == true)
        try worker.send(task(2, "none", 0))
        #expect(try worker.lineOtherThanBeat() == #"{"t":"result","seq":2,"result":["cancelled"]}"#)
        // The worker waits one second for a coroutine that ignores its cancellation, and then goes on.
        try worker.send(#"{"t":"task","seq":3,"attempt":1,"task":{"url":"resists"}}"#)
        #expect(try worker.lineOtherThanBeat()?.contains(#""message":"SystemExit: 5"#) == true)
        try worker.send(task(4, "none", 0))
        #expect(try worker.lineOtherThanBeat()?.contains(#""result":["cancelled","cancelled""#) == true)
    }

    /// The handler raises an `Exception`, so the page fails, and the worker goes on.
    @Test func aCoroutineIsCancelledWhenTheHandlerOfSIGTERMFailsItsPage() throws {
        let worker = try worker(
            """
            import asyncio, os, signal, threading
            from fetchpool_worker import serve

            seen = []

            def fail(number, frame):
                raise TimeoutError("too late")

            signal.signal(signal.SIGTERM, fail)

            async def parse(response):
                if response.task["url"] == "u":
                    return seen
                threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()
                try:
                    await asyncio.sleep(100)
                except asyncio.CancelledError:
                    seen.append("cancelled")
                    raise
            """
        )
        try worker.send(#"{"t":"task","seq":1,"attempt":1,"task":{"url":"late"}}"#)
        #expect(try worker.lineOtherThanBeat()?.contains(#""message":"TimeoutError: too late"#) == true)
        try worker.send(task(2, "none", 0))
        #expect(try worker.lineOtherThanBeat() == #"{"t":"result","seq":2,"result":["cancelled"]}"#)
    }

    /// After `serve`, the script runs `close` in the event loop in which the page ran.
    ///
    /// Meanwhile an asyncio task that the page created still runs.
    @Test func theEventLoopIsOpenAfterServeAndItsTasksAreCancelledAtTheEnd() throws {
        let worker = try worker(
            """
            import asyncio
            from fetchpool_worker import serve

            tasks = []

            async def writes():
                try:
                    await asyncio.sleep(100)
                finally:
                    os.write(2, b"written\\n")

            async def parse(response):
                tasks.append(asyncio.create_task(writes()))
                await asyncio.sleep(0)

            async def close():
                await asyncio.sleep(0)
                os.write(2, b"closed\\n")
            """,
            after: "asyncio.get_event_loop().run_until_complete(close())"
        )
        try worker.send(task(1, "none", 0))
        #expect(try worker.lineOtherThanBeat() == #"{"t":"result","seq":1,"result":null}"#)
        try worker.send(#"{"t":"drain"}"#)
        #expect(try worker.waitForEnd() == .status(0))
        #expect(try worker.allErrors() == "closed\nwritten\n")
    }

    @Test func serveRefusesARunningEventLoop() throws {
        try folder.write(
            """
            import asyncio, sys
            sys.path.insert(0, \(#""\#(Self.scripts)""#))
            from fetchpool_worker import serve

            async def main():
                serve(print)

            asyncio.run(main())

            """,
            to: "own.py"
        )
        let words = ["python3", folder.file("own.py")]
        let worker = try RunningProgram("/usr/bin/env", words, input: .file("/dev/null"))
        #expect(try worker.waitForEnd() == .status(2))
        let sentence = "`serve` would block the event loop that is running; call it outside of coroutines"
        #expect(try worker.allErrors() == "own.py: \(sentence)\n")
    }

    /// The loop of Playwright's synchronous API waits in another greenlet, and counts as running.
    @Test func serveAcceptsAnEventLoopThatHasNotCalledIt() throws {
        let path = try folder.write("bytes", to: "body")
        let worker = try worker(
            """
            import asyncio
            from fetchpool_worker import serve
            def parse(response): return response.text
            asyncio._set_running_loop(asyncio.new_event_loop())
            """
        )
        try worker.send(task(1, path, 0))
        #expect(try worker.lineOtherThanBeat() == #"{"t":"result","seq":1,"result":"bytes"}"#)
    }

    /// If such a worker sent `hello` and then ended, its page would be reported as the cause.
    @Test func aWorkerWithoutMemoryForItsSecondThreadSendsNoHello() throws {
        try folder.write(
            """
            import re, resource, sys, threading
            sys.path.insert(0, \(#""\#(Self.scripts)""#))
            from fetchpool_worker import serve

            threading.stack_size(16 << 20)
            with open("/proc/self/status") as file:
                taken = int(re.search(r"VmData:\\s*(\\d+) kB", file.read())[1])
            resource.setrlimit(resource.RLIMIT_DATA, (taken + 9_000 << 10,) * 2)
            serve(print)

            """,
            to: "own.py"
        )
        let worker = try RunningProgram("/usr/bin/env", ["python3", folder.file("own.py")])
        try worker.send(#"{"t":"init","v":1,"config":{}}"#)
        #expect(try worker.line() == nil)
        #expect(try worker.waitForEnd() == .status(1))
        #expect(try worker.allErrors().contains("can't start new thread"))
    }

    @Test func aProgramThatAPageStartsEndsBySIGINT() throws {
        let page =
            #"{'end': __import__('subprocess').run(['sh', '-c', 'kill -INT $$; exit 3']).returncode}"#
        let record = try #require(records([page]).first)
        #expect(record.result["end"] as? Int == -2, "\(record.errorMessage)")
    }

    @Test func deathsAndHangsCostOneRecordEach() throws {
        let pages = ["ctypes.string_at(0)", "os._exit(4)", "time.sleep(300)", "{}"]
        let kept = folder.file("kept")
        let records = try records(pages, ["--crash-dir", kept, "--task-deadline", "3s"])
        #expect(records.map(\.outcome) == ["worker_crash", "worker_crash", "timeout", "ok"])
        #expect(records[0].signal == "SIGSEGV")
        #expect(records[0].stderrTail.contains { $0.contains("worker.py") && $0.contains("in parse") })
        #expect(records[1].exitCode == 4)
        let again = try RunningProgram(
            "/usr/bin/env",
            ["python3", folder.file("worker.py")],
            input: .file(kept + "/1-2.task")
        )
        #expect(try again.waitForEnd() == .signal(SIGSEGV))
        #expect(try again.allErrors().contains("Segmentation fault"))
    }

    @Test func aDeathByTheMemoryLimitHasTheClassOOM() throws {
        let kept = folder.file("kept")
        let options = ["--worker-memory", "96MiB", "--crash-dir", kept]
        let records = try records(["bytearray(200 << 20)", "{}"], options)
        #expect(records.map(\.outcome) == ["worker_crash", "ok"])
        #expect(records[0].errorClass == "oom")
        // A worker that is run by hand on the kept task has the memory limit of the run.
        let again = try RunningProgram(
            "/usr/bin/env",
            ["python3", folder.file("worker.py")],
            input: .file(kept + "/1-2.task")
        )
        #expect(try again.waitForEnd() == .status(1))
        #expect(try again.allErrors().hasSuffix("MemoryError\n"))
    }

    /// With a memory limit, the class is `oom` if the error, its cause or a member of its group says that
    /// memory is short.
    ///
    /// The class is also `oom` for any error while the worker has taken nearly all memory that it may use,
    /// because libraries in C report a lack of memory by errors of their own. The worker may even lack the
    /// memory for the traceback. A `TaskFailure` remains an error of its page in all these cases.
    @Test func anErrorAtTheMemoryLimitHasTheClassOOMUnlessItIsATaskFailure() throws {
        try folder.write(
            """
            import errno, sys
            sys.path.insert(0, \(#""\#(Self.scripts)""#))
            from fetchpool_worker import TaskFailure, serve

            class Group(Exception):
                exceptions = [OSError(errno.ENOMEM, "no memory")]

            def fill():
                blocks = None
                while True:
                    blocks = (blocks, bytes(1000))

            def catching():
                blocks = []
                try:
                    while True:
                        blocks.append(bytes(1 << 20))
                except MemoryError:
                    pass
                raise ValueError("unknown error")

            def parse(response):
                if response.text == "fill":
                    fill()
                if response.text == "catching":
                    catching()
                if response.text == "cause":
                    raise ValueError("failed") from MemoryError()
                if response.text == "group":
                    raise Group()
                if response.text == "failure":
                    raise TaskFailure("too large") from MemoryError()
                raise ValueError("failed")

            serve(parse)

            """,
            to: "own.py"
        )
        let options = ["--worker-memory", "64MiB", "--crash-retries", "0"]
        let records = try records(
            ["fill", "catching", "cause", "group", "failure", "none"],
            options,
            command: "python3 own.py"
        )
        #expect(records.prefix(4).map(\.outcome) == Array(repeating: "worker_crash", count: 4))
        #expect(records.prefix(4).map(\.errorClass) == Array(repeating: "oom", count: 4))
        #expect(records.suffix(2).map(\.outcome) == ["process_error", "process_error"])
    }

    /// If reference cycles kept the pages in memory, the worker could reach its memory limit.
    @Test(arguments: ["pass", "await asyncio.wait_for(asyncio.sleep(1), 0.001)"])
    func aCoroutineThatFailsDoesNotKeepItsPage(statement: String) throws {
        let size = 8 << 20
        try folder.write(
            """
            import asyncio, sys
            sys.path.insert(0, \(#""\#(Self.scripts)""#))
            from fetchpool_worker import TaskFailure, serve

            async def parse(response):
                size = len(response.body)
                try:
                    \(statement)
                except asyncio.TimeoutError as error:
                    raise TaskFailure(f"failed with {size} bytes") from error
                raise TaskFailure(f"failed with {size} bytes")

            serve(parse)

            """,
            to: "own.py"
        )
        let body = try folder.write("", to: "body")
        let status = unsafe truncate(body, size)
        #expect(status == 0)
        let head = #"{"t":"init","v":1,"config":{"memory_bytes":\#(96 << 20)}}"#
        let tasks = (1...30).map { seq in
            task(seq, body, 0).replacingOccurrences(of: #""bytes":5"#, with: #""bytes":\#(size)"#)
        }
        let input = try folder.write(([head] + tasks).joined(separator: "\n"), to: "1-2.task")
        let words = ["python3", folder.file("own.py")]
        let worker = try RunningProgram("/usr/bin/env", words, input: .file(input))
        var failed = 0
        while let line = try worker.line() {
            if line.contains(#""message":"failed with \#(size) bytes""#) { failed += 1 }
        }
        #expect(failed == tasks.count)
        #expect(try worker.waitForEnd() == .status(0))
    }

    /// Without a free descriptor, Python cannot import its module `traceback`.
    @Test func theTextOfAnErrorIsSentEvenWithoutAFreeDescriptor() throws {
        let worker = try worker(
            """
            from fetchpool_worker import serve

            def parse(response):
                import resource
                _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
                resource.setrlimit(resource.RLIMIT_NOFILE, (16, most))
                files = []
                while True:
                    files.append(os.open("/dev/null", os.O_RDONLY))
            """
        )
        try worker.send(task(1, "none", 0))
        #expect(try worker.line()?.contains(#""message":"OSError: [Errno 24] Too many open files"#) == true)
    }

    /// Starts a worker whose `parse` is defined in `lines`, and waits for its `hello`.
    ///
    /// The lines `after` follow the call of `serve`. `environment` has variables for the worker, as
    /// `NAME=VALUE`.
    private func worker(
        _ lines: String,
        after: String = "",
        environment: [String] = []
    ) throws -> RunningProgram {
        let head = "import os, sys, threading, time\nsys.path.insert(0, \(#""\#(Self.scripts)""#))\n"
        try folder.write(head + lines + "\nserve(parse)\n\(after)\n", to: "own.py")
        let words = environment + ["python3", folder.file("own.py")]
        let worker = try RunningProgram("/usr/bin/env", words)
        try worker.send(#"{"t":"init","v":1,"config":{}}"#)
        #expect(try worker.line()?.hasPrefix(#"{"t":"hello""#) == true)
        return worker
    }

    /// Returns the message of a task whose body is the five bytes at `offset` of the file `path`.
    private func task(_ seq: Int, _ path: String, _ offset: Int) -> String {
        #"{"t":"task","seq":\#(seq),"attempt":1,"task":{"url":"u"},"response":{"status":200,"url":"u","headers":[],"#
            + #""bytes":5,"body_path":"\#(path)","body_offset":\#(offset)}}"#
    }

    @Test func inTheLocaleCThePathOfABodyMayHaveCharactersThatAreNotASCII() throws {
        let path = try folder.write("bytes", to: "bödy")
        let worker = try worker(
            "from fetchpool_worker import serve\ndef parse(response): return response.text",
            environment: ["LC_ALL=C", "PYTHONUTF8=0", "PYTHONCOERCECLOCALE=0"]
        )
        try worker.send(task(1, path, 0))
        #expect(try worker.lineOtherThanBeat() == #"{"t":"result","seq":1,"result":"bytes"}"#)
        // The message about a body whose file cannot be opened names no second error.
        try worker.send(task(2, folder.file("none"), 0))
        let line = try #require(try worker.lineOtherThanBeat())
        #expect(line.contains(#""message":"FileNotFoundError"#))
        #expect(!line.contains("During handling"), "\(line)")
    }

    @Test func eachBodyIsReadFromItsPlaceInItsFile() throws {
        let paths = try ["a", "b"].map { name in
            try folder.write((0..<100).map { "\(name)\(1000 + $0)" }.joined(), to: name)
        }
        let worker = try worker(
            """
            from fetchpool_worker import Response, serve

            def reads(path, step, wrong):
                for place in range(2_000):
                    index = place * step % 100
                    name = "ab"[place // 7 % 2]
                    fetched = {"bytes": 5, "body_path": path + name, "body_offset": 5 * index}
                    if Response({}, fetched).text != name + str(1000 + index):
                        wrong.append(place)

            def parse(response):
                if response.text != "a1000":
                    return response.text
                path, wrong = \(#""\#(folder.path)/""#), []
                threads = [threading.Thread(target=reads, args=(path, step, wrong)) for step in (1, 3, 7)]
                for thread in threads:
                    thread.start()
                for step in range(1, 11):
                    child = os.fork()
                    if child == 0:
                        reads(path, step, wrong)
                        os._exit(len(wrong) > 0)
                    wrong += [step] if os.waitpid(child, 0)[1] != 0 else []
                for thread in threads:
                    thread.join()
                held = [os.path.realpath(f"/proc/self/fd/{file}") for file in os.listdir("/proc/self/fd")]
                return [wrong, sum(file.startswith(path) for file in held) <= 3]
            """
        )
        try worker.send(task(1, paths[0], 0))
        #expect(try worker.lineOtherThanBeat() == #"{"t":"result","seq":1,"result":[[],true]}"#)
        for (seq, (file, index)) in [(0, 7), (0, 8), (1, 3), (0, 99), (1, 4), (1, 5), (0, 2)].enumerated() {
            try worker.send(task(seq, paths[file], 5 * index))
            let text = "\(["a", "b"][file])\(1000 + index)"
            #expect(try worker.lineOtherThanBeat() == #"{"t":"result","seq":\#(seq),"result":"\#(text)"}"#)
        }
    }

    @Test(arguments: ["idle", "busy"])
    func aFileThatWasRemovedIsNotHeldOpen(state: String) throws {
        let path = try folder.write("bodies", to: "bodies")
        let worker = try worker(
            """
            from fetchpool_worker import serve

            # The worker may have inherited a file that another test was writing.
            path = os.path.realpath(\(#""\#(path)""#))

            def is_held():
                for file in os.listdir("/proc/self/fd"):
                    try:
                        if os.readlink("/proc/self/fd/" + file) == path + " (deleted)":
                            return True
                    except OSError:
                        pass
                return False

            def looks():
                while is_held():
                    time.sleep(0.01)
                os.write(2, b"not held\\n")

            def parse(response):
                response.body
                os.remove(path)
                thread = threading.Thread(target=looks)
                thread.start()
                if "\(state)" == "busy":
                    thread.join()
            """
        )
        try worker.send(task(1, path, 0))
        try worker.waitForErrors(holding: "not held\n")
        #expect(try worker.lineOtherThanBeat() == #"{"t":"result","seq":1,"result":null}"#)
    }

    @Test(arguments: [
        ("ISO-8859-1", "caf\u{E9} \u{80}", [0x63, 0x61, 0x66, 0xE9, 0x20, 0x80]),
        ("gb2312", "北京", [0xB1, 0xB1, 0xBE, 0xA9]),
        ("x-sjis", "日", [0x93, 0xFA]),
        ("nonsense", "é", [0xC3, 0xA9]),
        ("", "é", [0xE9]),
        ("koi8-r", "é", [0xEF, 0xBB, 0xBF, 0xC3, 0xA9]),
        // The bodies of the next rows, except the last row, have characters that Python's decoders do not
        // know, or decode differently from browsers.
        ("euc-jp", "①彅～\u{FFFD}a", [0xAD, 0xA1, 0xF9, 0xAC, 0xA1, 0xC1, 0xFE, 0xFE, 0x61]),
        ("iso-2022-jp", "a①～ｱ¥", Array("a\u{1B}$B-!!A\u{1B}(I1\u{1B}(J\\".utf8)),
        ("iso-2022-jp", "\u{FFFD}\u{FFFD}", [0x1B, 0x24, 0x42, 0x67, 0x1B, 0x1B, 0x24, 0x40]),
        ("gbk", "€北\u{3000}", [0x80, 0xB1, 0xB1, 0xA3, 0xA0]),
        ("gbk", "a\u{FFFD}", [0x61, 0x85, 0x37]),
        ("gb18030", "a\u{FFFD}", [0x61, 0xC0, 0x35, 0xC3]),
        ("big5", "‧～€\u{FFFD}a", [0xA1, 0x45, 0xA1, 0xE3, 0xA3, 0xE1, 0x81, 0x80, 0x61]),
        (
            "big5", "∕﹨␀㡵廴无〃い@∕",
            [
                0xA2, 0x41, 0xA2, 0x42, 0xA3, 0xC0, 0x87, 0x7A, 0xC6, 0xCF, 0xC6, 0xD3, 0xC6, 0xDE, 0xC6,
                0xEA, 0x40,
                0xA2, 0x41,
            ]
        ),
        ("euc-jp", "～", [0x8F, 0xA2, 0xB7]),
        ("shift_jis", "①\u{FFFD}\u{FFFD}", [0x87, 0x40, 0xA0, 0x81, 0xC1]),
        ("koi8-u", "ўЎ", [0xAE, 0xBE]),
        ("windows-1255", "\u{5BA}\u{5B9}\u{FFFD}", [0xCA, 0xC9, 0xD9]),
        ("windows-874", "ก\u{81}\u{FFFD}", [0xA1, 0x81, 0xDB]),
        ("utf-8", "é\u{FFFD}a", [0xC3, 0xA9, 0xC3, 0x61]),
    ])
    func textIsDecodedAsBrowsersDecodeIt(charset: String, text: String, body: [UInt8]) throws {
        // On the web, ISO-8859-1 means windows-1252, in which the byte 0x80 is the euro sign.
        let expected = text.replacing("\u{80}", with: "\u{20AC}")
        let type = charset.isEmpty ? "text/html" : "text/html;charset=\(charset)"
        #expect(try self.text(of: body, type: type) == expected)
    }

    @Test(arguments: [
        ("text/html", "<meta charset=koi8-r>", 0xC5, "е"),
        ("text/html", String(repeating: "<p>", count: 500) + "<META charset='koi8-r'>", 0xC5, "е"),
        ("application/xhtml+xml", "<?xml version='1.0' encoding='koi8-r'?>", 0xC5, "е"),
        ("text/xml", "<?xml version='1.0' encoding='koi8-r'?><a><meta charset=iso-8859-2></a>", 0xC5, "е"),
        ("text/xml", "<?xml version='1.0' encoding encoding='koi8-r'?>", 0xC5, "Å"),
        ("text/xml", "<?xml encoding='koi8-r'", 0xC5, "Å"),
        ("text/xml", "<?xml encoding='koi8-r\"?>", 0xC5, "Å"),
        ("text/xml", "<?xml encoding = \"koi8-r\"?>", 0xC5, "е"),
        ("text/html", "<meta name=x content='a < b' charset=koi8-r>", 0xC5, "е"),
        ("text/html", "<meta content='charset=iso-8859-2' name=x><meta charset=koi8-r>", 0xC5, "е"),
        ("text/html", "<meta data-charset=iso-8859-2><meta/charset = ' koi8-r '>", 0xC5, "е"),
        ("text/html", "<META content='a; charset=\"koi8-r\"' HTTP-EQUIV=content-type>", 0xC5, "е"),
        ("text/plain", "<meta charset=koi8-r>", 0xC5, "Å"),
        ("text/html", "<script>'<meta charset=koi8-r>'</script><meta charset=iso-8859-2>", 0xC5, "Ĺ"),
        ("text/html", "<meta charset=nonsense><meta charset=iso-8859-2>", 0xC5, "Ĺ"),
        ("text/html", "<!--><meta charset=iso-8859-2><!-- <meta charset=koi8-r> -->", 0xC5, "Ĺ"),
        (
            "text/html",
            String(repeating: "<p>", count: 500)
                + "<!-- <meta charset=koi8-r> --><style><meta charset=koi8-r></style><meta charset=iso-8859-2>",
            0xC5, "Ĺ"
        ),
    ])
    func anEncodingIsReadFromMarkupOnly(
        type: String,
        page: String,
        byte: UInt8,
        last: Character
    ) throws {
        #expect(try text(of: Array(page.utf8) + [byte], type: type) == page + String(last))
    }

    /// A text of these types may quote a `<meta>` tag, but this tag declares no encoding.
    @Test(arguments: ["text/plain", "text/csv", "text/javascript", "application/json;charset=nonsense"])
    func textThatIsNotMarkupDeclaresNoEncoding(type: String) throws {
        let page = "write <meta charset=\"iso-8859-1\"> for é"
        #expect(try text(of: Array(page.utf8), type: type) == page)
    }

    @Test func theLastValidMediaTypeSaysWhetherAPageMayDeclareItsEncoding() throws {
        let markup = [
            "text/html charset=windows-1251", "text/html charset=utf-8", "text/html:charset=x", "text/html/",
            "text/ html", "application/xhtml+xml charset=x", "text/plain, text/html", "*/*, text/html",
            "text/html, */*", "*/*", "unknown/unknown", "application/unknown", "Text/HTML ; a=b",
            #"text/html;a="b,text/plain""#, "",
        ]
        let other = ["text/html, text/plain", "text/plain, nonsense", #"text/plain;a="\",text/html""#]
        let page = Array("<meta charset=windows-1251>".utf8) + [0xCF]
        for (type, text) in zip(markup + other, try texts(of: (markup + other).map { ($0, page) })) {
            #expect(text.last == (markup.contains(type) ? "П" : "Ï"), "\(type)")
        }
    }

    /// The pages of `one` end with `П` in windows-1251, all others with `é` in UTF-8.
    @Test func aMetaElementCountsWhereABrowserSeesOne() throws {
        let none = [
            "<a title='<meta charset=koi8-r>'>", #"<iframe srcdoc="<meta charset='koi8-r'>">"#,
            "<p a=b title = \"'<meta charset=koi8-r>\">", "<!DOCTYPE html [<meta charset=koi8-r",
            "<a title=\"<meta charset=koi8-r>", "<?x <meta charset=koi8-r a",
            "</p a='<meta charset=koi8-r>'>",
        ]
        let one = [
            "<body data-x='<meta charset=koi8-r>'>", "<!DOCTYPE html [<meta charset=koi8-r>]>",
            "<?x <meta charset=koi8-r>?>", "</p <meta charset=koi8-r>>",
            "<p a='b'c=\"<meta charset=koi8-r>\">",
            "<svg><style></svg>", "<script>'<meta charset=koi8-r>'</SCRIPT >",
        ].map { $0 + "<meta charset=windows-1251>" }
        let xml = [
            ("application/rss+xml", "<a><![CDATA[<meta charset=koi8-r>]]></a>"),
            ("text/xml", "<meta charset=koi8-r>"),
        ]
        let pages =
            none.map { ("text/html", Array(($0 + "é").utf8)) }
            + one.map { ("text/html", Array($0.utf8) + [0xCF]) }
            + xml.map { ($0.0, Array(($0.1 + "é").utf8)) }
        for (page, text) in zip(pages, try texts(of: pages)) {
            #expect(text.last == (page.1.last == 0xCF ? "П" : "é"), "\(text)")
        }
    }

    /// If the time grew with the square of the page's size, this page would take minutes.
    @Test func blanksAfterTheLastAttributeCostLittleTime() throws {
        let blanks = String(repeating: " ", count: 150_000)
        let page = String(repeating: "x", count: 2_000) + "<meta name=a\(blanks)><meta charset=koi8-r>"
        let start = ContinuousClock.now
        let texts = try texts(of: [("text/html", Array(page.utf8) + [0xC5])])
        #expect(ContinuousClock.now - start < .seconds(10))
        #expect(texts == [page + "е"])
    }

    /// If the memory grew with each attribute, as a match of Python's `re` does, these pages would need more
    /// than 600 MB.
    @Test func manyAttributesTakeLittleMemory() throws {
        let worker = try worker(
            """
            import resource
            from fetchpool_worker import serve
            resource.setrlimit(resource.RLIMIT_DATA, (200 << 20, 200 << 20))
            def parse(response): return len(response.text)
            """
        )
        let attributes = String(repeating: " x", count: 2_000_000)
        for (seq, page) in ["<a\(attributes)><meta charset=koi8-r>", "<meta charset=x\(attributes)>"]
            .enumerated()
        {
            let path = folder.file("page\(seq)")
            try Data(Array(page.utf8) + [0xC5]).write(to: URL(fileURLWithPath: path))
            try worker.send(
                #"{"t":"task","seq":\#(seq),"attempt":1,"task":{"url":"u"},"response":{"status":200,"url":"u","#
                    + #""headers":[],"content_type":"text/html","bytes":\#(page.utf8.count + 1),"body_path":"\#(path)"}}"#
            )
            let line = try worker.lineOtherThanBeat()
            #expect(line == #"{"t":"result","seq":\#(seq),"result":\#(page.utf8.count + 1)}"#)
        }
    }

    @Test func anXMLDeclarationInUTF16NeedsNoByteOrderMark() throws {
        let page = #"<?xml version="1.0" encoding="utf-16"?><a>é</a>"#
        for encoding in [String.Encoding.utf16LittleEndian, .utf16BigEndian] {
            let body = try Array(#require(page.data(using: encoding)))
            #expect(try texts(of: [("text/xml", body), ("text/html", body)]) == [page, page])
        }
    }

    @Test func theLastValidMediaTypeOfSeveralFieldsCounts() throws {
        // In XML, a `meta` element declares no encoding.
        let page = #"<a><meta charset="windows-1252"/>é</a>"#
        #expect(try texts(of: [("application/xml\n*/*", Array(page.utf8))]) == [page])
    }

    /// Returns the `response.text` of each page.
    ///
    /// Each line of `type` is the value of one field `Content-Type`. The responses have no member `charset`.
    private func texts(of pages: [(type: String, body: [UInt8])]) throws -> [String] {
        let worker = try worker(
            "from fetchpool_worker import serve\ndef parse(response): return response.text"
        )
        return try pages.map { type, body in
            let path = folder.file("page")
            try Data(body).write(to: URL(fileURLWithPath: path))
            let types = type.components(separatedBy: "\n")
            let response: [String: Any] = [
                "status": 200, "url": "u", "headers": types.map { ["content-type", $0] },
                "content_type": types.last ?? "", "bytes": body.count, "body_path": path,
            ]
            let task: [String: Any] = ["t": "task", "seq": 1, "task": ["url": "u"], "response": response]
            try worker.send(String(decoding: JSONSerialization.data(withJSONObject: task), as: UTF8.self))
            let line = try #require(try worker.lineOtherThanBeat())
            return try #require(Record(line).anyResult as? String)
        }
    }

    /// Returns the `response.text` of a page that fetchpool has fetched from a `data:` URL.
    private func text(of body: [UInt8], type: String) throws -> String? {
        try folder.write(
            """
            import sys
            sys.path.insert(0, \(#""\#(Self.scripts)""#))
            from fetchpool_worker import serve
            serve(lambda response: {"text": response.text})

            """,
            to: "text.py"
        )
        let url = "data:\(type);base64,\(Data(body).base64EncodedString())"
        let command = "python3 '\(folder.file("text.py"))'"
        let run = try RunningProgram.run("fetchpool", ["-q", "-w", "1", "-x", command, url])
        return try #require(run.records.first).result["text"] as? String
    }

    @Test(arguments: [StandardInput.file("/dev/null"), .closed])
    func aWorkerThatIsRunByHandSaysWhatToDo(input: StandardInput) throws {
        let worker = try RunningProgram("/usr/bin/env", ["python3", folder.file("worker.py")], input: input)
        #expect(try worker.waitForEnd() == .status(2))
        #expect(try worker.allErrors().hasPrefix("worker.py: this is a worker of fetchpool"))
        #expect(try worker.line() == nil)
    }

    /// The worker reads the task and its withdrawal together, and has nothing else to do.
    @Test(arguments: [#"{"t":"cancel","seq":1}"#, #"{"t":"recall","max":1}"#])
    func aTaskThatIsWithdrawnAtOnceIsReturned(withdrawal: String) throws {
        let worker = try RunningProgram("/usr/bin/env", ["python3", folder.file("worker.py")])
        try worker.send(#"{"t":"init","v":1,"config":{}}"#)
        #expect(try worker.line()?.hasPrefix(#"{"t":"hello""#) == true)
        let task = #"{"t":"task","seq":1,"attempt":1,"task":{"url":"u"}}"#
        try worker.send(task + "\n" + withdrawal)
        #expect(try worker.lineOtherThanBeat() == #"{"t":"returned","seq":1}"#)
        try worker.send(#"{"t":"drain"}"#)
        #expect(try worker.lineOtherThanBeat()?.hasPrefix(#"{"t":"bye""#) == true)
    }

    @Test func aBusyWorkerSendsBeatsReturnsTasksAndEndsWithItsInput() throws {
        let worker = try RunningProgram("/usr/bin/env", ["python3", folder.file("worker.py")])
        let task = { (seq: Int, body: String) in
            #"{"t":"task","seq":\#(seq),"attempt":1,"task":{"url":"u"},"#
                + #""response":{"status":200,"url":"u","headers":[],"bytes":9,"body":"\#(body)"}}"#
        }
        try worker.send(#"{"t":"init","v":1,"config":{}}"#)
        #expect(try worker.line()?.hasPrefix(#"{"t":"hello","v":1,"pid":\#(worker.pid)"#) == true)
        try worker.send(task(1, "sum(1 for _ in iter(int, 1))"))
        #expect(try worker.line()?.hasPrefix(#"{"t":"beat","rss_kb":"#) == true)
        // These tasks arrive while the worker is busy with the first task.
        for seq in 2...5 { try worker.send(task(seq, "1")) }
        try worker.send(#"{"t":"recall","max":2}"#)
        #expect(try worker.lineOtherThanBeat() == #"{"t":"returned","seq":5}"#)
        #expect(try worker.lineOtherThanBeat() == #"{"t":"returned","seq":4}"#)
        try worker.send(#"{"t":"cancel","seq":3}"#)
        #expect(try worker.lineOtherThanBeat() == #"{"t":"returned","seq":3}"#)
        // Ctrl-C on a terminal must end the coordinator, but not the worker.
        worker.signal(SIGINT)
        worker.endInput()
        let end = try worker.waitForEnd()
        #expect(end == .signal(SIGKILL) || end == .status(1))
        #expect(try !worker.allErrors().contains("Traceback"))
    }

    /// Writes a file such as `--crash-dir` keeps, with one task whose body is `expression`; returns the path
    /// of the file.
    private func keptTask(_ expression: String) throws -> String {
        let lines = [
            #"{"t":"init","v":1,"config":{}}"#,
            #"{"t":"task","seq":1,"attempt":1,"task":{"url":"u"},"response":{"body":"\#(expression)"}}"#,
        ]
        return try folder.write(lines.joined(separator: "\n"), to: "1-2.task")
    }

    /// The shell redirects standard output to `file`, and does not redirect standard error.
    @Test(arguments: [
        ("out", RunningProgram.End.status(0), "printed é\n"),
        (
            "/dev/full", .signal(SIGKILL),
            "worker.py: standard output cannot be written: No space left on device\n"
        ),
    ])
    func aWorkersStandardOutputMayBeRedirected(file: String, end: RunningProgram.End, errors: String) throws {
        let input = try keptTask("print('printed é')")
        let words = ["-C", folder.path, "sh", "-c", "exec python3 worker.py < '\(input)' > \(file)"]
        let run = try RunningProgram.run("/usr/bin/env", words, within: .seconds(60))
        #expect(run.end == end, "\(run.errors)")
        #expect(run.errors == errors)
    }

    @Test func aWorkerWhoseInputIsAFileSendsNoBeats() throws {
        let input = try keptTask("time.sleep(1.2)")
        let words = ["python3", folder.file("worker.py")]
        let worker = try RunningProgram("/usr/bin/env", words, input: .file(input))
        #expect(try worker.line()?.hasPrefix(#"{"t":"hello""#) == true)
        #expect(try worker.line() == #"{"t":"result","seq":1,"result":null}"#)
    }

    /// The coordinator ends a worker that has sent a beat in a task and then sends nothing for five seconds.
    ///
    /// The worker therefore sends beats until the task ends.
    @Test func aTaskThatBlocksTheSecondThreadAfterABeatHasBeatsToItsEnd() throws {
        let worker = try worker(
            """
            import ctypes
            from fetchpool_worker import serve

            def parse(response):
                if response.task["url"] == "blocks":
                    while not os.path.exists("\(folder.file("beaten"))"):
                        time.sleep(0.01)
                    # Python's lock is held longer than the second thread's longest wait plus two seconds.
                    ctypes.PyDLL(None).usleep(4_200_000)
                time.sleep(1.2)
            """
        )
        try worker.send(#"{"t":"task","seq":1,"attempt":1,"task":{"url":"blocks"}}"#)
        #expect(try worker.line()?.hasPrefix(#"{"t":"beat""#) == true)
        try folder.write("", to: "beaten")
        #expect(try worker.line()?.hasPrefix(#"{"t":"beat""#) == true)
        #expect(try worker.lineOtherThanBeat() == #"{"t":"result","seq":1,"result":null}"#)
        // The first task blocked the second thread for more than two seconds. From the next task on, the
        // worker therefore sends no beats.
        try worker.send(#"{"t":"task","seq":2,"attempt":1,"task":{"url":"u"}}"#)
        #expect(try worker.line() == #"{"t":"result","seq":2,"result":null}"#)
    }
}

extension RunningProgram {
    /// Returns the next line that is not a beat; `nil` at the end of the output.
    fileprivate func lineOtherThanBeat() throws -> String? {
        while let line = try line() {
            if !line.hasPrefix(#"{"t":"beat""#) { return line }
        }
        return nil
    }
}
