// SPDX-License-Identifier: MIT
// fetchpool

import ExecutorFunctions
import Foundation
import Glibc
import ProcessPool

/// A program for the tests of `ProcessPoolExecutor`.
///
/// Its workers serve the functions of `Functions`, except `notServed`. The program itself plays the scene
/// that its argument names, in a process that a test can watch and kill.
///
///     executor-worker [SCENE]
@main
struct Program {
    static func main() async throws {
        // Plays a faulty program: each of its processes, workers included, creates a pool and never serves.
        if ProcessInfo.processInfo.environment["TEST_FORGETS"] != nil { return await double() }
        // Plays a program that prints `TEST_PRINTS` lines before it serves.
        if let lines = ProcessInfo.processInfo.environment["TEST_PRINTS"].flatMap({ Int($0) }) {
            let line = "{\"t\":\"result\"} a line before the first line of the protocol\n"
            print(String(repeating: line, count: lines), terminator: "")
            _ = fflush(nil)
        }
        serve()
        let scene = CommandLine.arguments.dropFirst().first
        switch scene {
        case "doubles": await double()
        case "endless": await takeSomeOfEndless()
        case "pools": await comeAndGo()
        case "waits": try await wait()
        case "ignored": try await waitForProgramThatIgnoresItsInput()
        case "programs": await startPrograms()
        case "replaced": try await replaceOwnFile()
        case "futures": await holdFutures()
        case "variables": try await changeVariables()
        case "guards": try await loseGuard()
        case "scarce": try await submitOnAScarceSystem()
        case "high": await doubleWithDescriptorsAboveTheLimit()
        case "limited": await doubleUnderAFileSizeLimit()
        case "moves": try await changeFolder()
        case "timeouts": try await waitWithLongTimeouts()
        default: print("executor-worker does not know \(scene ?? "nothing")")
        }
    }

    /// Serves the functions if this process is a worker; otherwise returns.
    ///
    /// Tests set the variables `TEST_…` in the environment of workers.
    private static func serve() {
        let environment = ProcessInfo.processInfo.environment
        ProcessPoolExecutor.serveIfWorker(
            Functions.double,
            Functions.half,
            Functions.isEmpty,
            Functions.echo,
            Functions.heavier,
            Functions.json,
            Functions.evenOnly,
            Functions.process,
            Functions.nap,
            Functions.waitForFile,
            Functions.text,
            Functions.length,
            Functions.prints,
            Functions.die,
            Functions.closing,
            Functions.hang,
            Functions.stubborn,
            Functions.memory,
            Functions.variable,
            Functions.bytes,
            Functions.niceness,
            Functions.append,
            Functions.deeper,
            Functions.waitForCancellation,
            Functions.nested,
            Functions.faulty,
            initialize: {
                Fault.mayHappen = true
                if let path = environment["TEST_INITIALIZED"] { append("i", to: path) }
                if let time = environment["TEST_SLOW"].flatMap({ UInt32($0) }) { usleep(time * 1_000) }
                if let path = environment["TEST_GATE"] { waitUntilFileExists(path) }
                if let path = environment["TEST_NEEDS"], unsafe access(path, F_OK) != 0 {
                    throw SetupFailure(description: "no \(path)")
                }
                if let reason = environment["TEST_FAILS"] { throw SetupFailure(description: reason) }
            },
            finish: {
                if let path = environment["TEST_FINISHED"] { append("f", to: path) }
            }
        )
    }

    /// Doubles a number in each of three workers, one after the other.
    ///
    /// The program's file is replaced before the second task, and removed before the third.
    private static func replaceOwnFile() async throws {
        var configuration = PoolConfiguration(maxWorkers: 1)
        configuration.maxTasksPerWorker = 1
        try await withProcessPool(configuration: configuration) { pool in
            let (files, own) = (FileManager.default, CommandLine.arguments[0])
            print(try await pool.submit(Functions.double, 1).value)
            try files.removeItem(atPath: own)
            try files.copyItem(atPath: "/bin/false", toPath: own)
            print(try await pool.submit(Functions.double, 2).value)
            try files.removeItem(atPath: own)
            print(try await pool.submit(Functions.double, 3).value)
        }
    }

    /// Prints the variables `TEST_ADDED` and `TEST_REMOVED` as a worker sees them, before and after a change;
    /// then prints the bytes of a variable that is not UTF-8.
    private static func changeVariables() async throws {
        for isChanged in [false, true] {
            if isChanged {
                unsafe setenv("TEST_ADDED", "added", 1)
                unsafe unsetenv("TEST_REMOVED")
            }
            try await withProcessPool(configuration: PoolConfiguration(maxWorkers: 1)) { pool in
                for name in ["TEST_ADDED", "TEST_REMOVED"] {
                    print(try await pool.submit(Functions.variable, name).value)
                }
            }
        }
        unsafe setenv("TEST_BYTES", [97, CChar(bitPattern: 0xE9), 98, 0], 1)
        try await withProcessPool(configuration: PoolConfiguration(maxWorkers: 1)) { pool in
            print(try await pool.submit(Functions.bytes, "TEST_BYTES").value)
        }
    }

    /// Kills the guard of this process, a shell that kills the workers if this process dies.
    ///
    /// Then starts three more workers, and prints the numbers of guards before the kill and after the starts.
    ///
    /// The second argument of this program is the path of the program that the workers run.
    private static func loseGuard() async throws {
        signal(SIGPIPE, SIG_DFL)
        var configuration = PoolConfiguration(maxWorkers: 1)
        configuration.maxTasksPerWorker = 1
        let program = PoolWorkers.program(CommandLine.arguments[2])
        try await withProcessPool(program, configuration: configuration) { pool in
            _ = try await pool.submit(json: Array("{}".utf8)).value
            let killed = Leftovers.guards()
            for guardian in killed {
                kill(guardian, SIGKILL)
                while kill(guardian, 0) == 0 { try await Task.sleep(for: .milliseconds(1)) }
            }
            for _ in 0..<3 { _ = try await pool.submit(json: Array("{}".utf8)).value }
            print(killed.count, Leftovers.guards().count)
        }
    }

    /// Submits tasks while no descriptor is left; prints the errors, and the result of a task that is
    /// submitted afterwards.
    ///
    /// With the second argument `threads`, descriptors are left, but no new thread can start.
    private static func submitOnAScarceSystem() async throws {
        let pool = ProcessPoolExecutor(configuration: PoolConfiguration(maxWorkers: 1))
        let seesThreads = CommandLine.arguments.dropFirst(2).first == "threads"
        let resource = seesThreads ? RLIMIT_AS : RLIMIT_NOFILE
        var old = rlimit()
        unsafe getrlimit(__rlimit_resource_t(resource.rawValue), &old)
        var new = old
        // With `threads`, there is room for some more memory, but not for the stack of a thread.
        new.rlim_cur = seesThreads ? rlim_t(addressSpaceBytes() + 2 << 20) : 3
        unsafe setrlimit(__rlimit_resource_t(resource.rawValue), &new)
        let future = pool.submit(Functions.double, 1)
        var map = pool.map(Functions.double, [2, 3]).makeAsyncIterator()
        unsafe setrlimit(__rlimit_resource_t(resource.rawValue), &old)
        do { print(try await future.value) } catch { print(error) }
        do { print(try await map.next() ?? 0) } catch { print(error) }
        print(try await pool.submit(Functions.double, 4).value)
        await pool.shutdown()
    }

    /// Tries to double a number although this process has a descriptor above its limit.
    private static func doubleWithDescriptorsAboveTheLimit() async {
        var limit = rlimit()
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = min(limit.rlim_max, 1_000)
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        precondition(fcntl(0, F_DUPFD, 300) >= 300)
        limit.rlim_cur = 200
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        await double()
    }

    /// Doubles a number although this process may write no file of more than 1,000 bytes.
    private static func doubleUnderAFileSizeLimit() async {
        var limit = rlimit(rlim_cur: 1_000, rlim_max: 1_000)
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        await double()
    }

    /// Creates pools whose workers are named by relative paths, changes the current folder, and doubles
    /// numbers in new workers.
    private static func changeFolder() async throws {
        let files = FileManager.default
        let own = URL(fileURLWithPath: CommandLine.arguments[0])
        _ = files.changeCurrentDirectoryPath(own.deletingLastPathComponent().path)
        unsafe setenv("PATH", "/nowhere:", 1)
        let configuration = PoolConfiguration(maxWorkers: 1)
        let pools = ["./\(own.lastPathComponent)", own.lastPathComponent].map {
            ProcessPoolExecutor(.functions(of: $0), configuration: configuration)
        }
        _ = files.changeCurrentDirectoryPath("/")
        for (number, pool) in pools.enumerated() {
            do { print(try await pool.submit(Functions.double, number).value) } catch { print(error) }
            await pool.shutdown()
        }
    }

    /// Waits for 35,000 tasks with a time-out of an hour.
    ///
    /// Prints the growth of the resident memory during the last 30,000 tasks, in bytes per task.
    private static func waitWithLongTimeouts() async throws {
        try await withProcessPool(configuration: PoolConfiguration(maxWorkers: 1)) { pool in
            func wait(_ count: Int) async throws {
                for number in 0..<count {
                    _ = try await pool.submit(Functions.double, number).result(timeout: .seconds(3_600))
                }
            }
            try await wait(5_000)
            let before = residentBytes()
            try await wait(30_000)
            print((residentBytes() - before) / 30_000)
        }
    }

    private static func addressSpaceBytes() -> Int {
        let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return (text?.split(separator: " ").first.flatMap { Int($0) } ?? 0) * Int(getpagesize())
    }

    private struct SetupFailure: Error, CustomStringConvertible { let description: String }

    private static func append(_ text: String, to path: String) {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        unsafe _ = write(file, text, 1)
        close(file)
    }

    /// Doubles 21 in a worker of this program, and prints the result or the error.
    private static func double() async {
        await withProcessPool { pool in
            do {
                print(try await pool.submit(Functions.double, 21).value)
            } catch {
                print(error)
            }
        }
    }

    /// Takes 1,000 results of an endless map, and prints their sum and the leftovers of the pool.
    private static func takeSomeOfEndless() async {
        // Foundation and Swift keep some threads and descriptors from the first pool on. These do not count
        // as leftovers.
        await double()
        let before = await Leftovers.settled()
        var sum = 0
        await withProcessPool(configuration: PoolConfiguration(maxWorkers: 2)) { pool in
            do {
                for try await double in pool.map(Functions.double, 0...) {
                    sum += double
                    if double == 1_998 { break }
                }
            } catch {
                print(error)
            }
        }
        print(sum, await Leftovers.difference(from: before))
    }

    /// Creates 50 pools, five at a time, and prints `50` and their leftovers.
    private static func comeAndGo() async {
        await double()
        let before = await Leftovers.settled()
        for _ in 0..<10 {
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<5 {
                    group.addTask {
                        await withProcessPool(configuration: PoolConfiguration(maxWorkers: 1)) { pool in
                            _ = try? await pool.submit(Functions.double, number).value
                        }
                    }
                }
            }
        }
        print("50", await Leftovers.difference(from: before))
    }

    /// Creates ten pools one after the other, and prints `10` and their leftovers.
    ///
    /// The second argument of this program is the path of the program that the workers run.
    private static func startPrograms() async {
        await double()
        let before = await Leftovers.settled()
        let program = PoolWorkers.program(CommandLine.arguments[2])
        for _ in 0..<10 {
            await withProcessPool(program, configuration: PoolConfiguration(maxWorkers: 2)) { pool in
                let results = pool.map(0..<4, returning: [String: Int].self)
                do { for try await _ in results {} } catch { print(error) }
            }
        }
        print("10", await Leftovers.difference(from: before))
    }

    /// Starts a worker, prints `started`, and sleeps for 10 minutes.
    ///
    /// The worker never reads its input, and ignores SIGTERM. The worker writes its process id to the file
    /// that the second argument of this program names.
    private static func waitForProgramThatIgnoresItsInput() async throws {
        // The file appears only when it is complete.
        let script = """
            trap '' HUP INT PIPE TERM
            echo $$ > "$0.draft"
            mv "$0.draft" "$0"
            while :; do sleep 1; done
            """
        let program = PoolWorkers.program(
            "/bin/sh",
            arguments: ["-c", script, CommandLine.arguments[2]]
        )
        try await withProcessPool(program, configuration: PoolConfiguration(maxWorkers: 1)) { pool in
            _ = pool.submit(1, returning: Int.self)
            while pool.statistics.startedWorkers == 0 { try await Task.sleep(for: .milliseconds(1)) }
            print("started")
            _ = fflush(nil)
            try await Task.sleep(for: .seconds(600))
        }
    }

    /// Creates 100,000 pending futures, and prints their resident memory in bytes per future and the sum of
    /// their values.
    private static func holdFutures() async {
        await withProcessPool(configuration: PoolConfiguration(maxWorkers: 1)) { pool in
            let first = pool.submit(Functions.nap, 500)
            while first.state == .pending { try? await Task.sleep(for: .milliseconds(1)) }
            let before = residentBytes()
            var futures: [PoolFuture<Int>] = []
            for number in 0..<100_000 { futures.append(pool.submit(Functions.double, number)) }
            let bytes = (residentBytes() - before) / futures.count
            var sum = 0
            for future in futures { sum += (try? await future.value) ?? 0 }
            print(bytes, sum)
        }
    }

    private static func residentBytes() -> Int {
        let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        let pages = text?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return (pages ?? 0) * Int(getpagesize())
    }

    /// Gives two workers long tasks, prints the process ids of the workers, and sleeps for 10 minutes.
    private static func wait() async throws {
        try await withProcessPool(configuration: PoolConfiguration(maxWorkers: 2)) { pool in
            var ids: Set<Int> = []
            while ids.count < 2 {
                let naps = (0..<2).map { _ in pool.submit(Functions.nap, 300) }
                for nap in naps { ids.insert(try await nap.value) }
            }
            _ = pool.submit(Functions.die, "hang")
            _ = pool.submit(Functions.nap, 600_000)
            print(ids.map { "\($0)" }.joined(separator: " "))
            _ = fflush(nil)
            try await Task.sleep(for: .seconds(600))
        }
    }
}

/// The numbers of pipes, pool threads and children of this process; pidfds (pidfd_open(2)) count as pipes.
private struct Leftovers: Equatable {
    let pipes: Int
    let threads: Int
    let children: Int

    init() {
        let files = FileManager.default
        let own = "/proc/\(getpid())"
        pipes = ((try? files.contentsOfDirectory(atPath: own + "/fd")) ?? []).count { name in
            let target = try? files.destinationOfSymbolicLink(atPath: own + "/fd/" + name)
            return target?.hasPrefix("pipe:") == true || target?.contains("pidfd") == true
        }
        threads = ((try? files.contentsOfDirectory(atPath: own + "/task")) ?? []).count { name in
            Self.text(of: own + "/task/\(name)/comm") == "process-pool\n"
        }
        children = Self.children().count
    }

    private static func children() -> [pid_t] {
        let tasks = "/proc/\(getpid())/task"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
        return names.flatMap { name in
            text(of: tasks + "/\(name)/children").split(separator: " ").compactMap { pid_t($0) }
        }
    }

    /// Returns the process ids of the guards, shells that kill the workers of this process if it dies.
    static func guards() -> [pid_t] {
        children().filter { text(of: "/proc/\($0)/cmdline").contains("while read -r group") }
    }

    /// Returns the first 4,096 bytes of a file in `/proc`, as text.
    ///
    /// Foundation is not used here: it leaks 4 KB of memory for each empty file that it reads in `/proc`, and
    /// the leak check would report the leak.
    private static func text(of path: String) -> String {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe read(file, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    /// Returns the numbers once they meet `condition`, or after about 30 seconds.
    private static func once(_ condition: (Leftovers) -> Bool) async -> Leftovers {
        var now = Leftovers()
        for _ in 0..<3_000 {
            guard !condition(now) else { break }
            try? await Task.sleep(for: .milliseconds(10))
            now = Leftovers()
        }
        return now
    }

    /// Returns the numbers once no pool thread is left, or after about 30 seconds.
    ///
    /// The pool thread ends by itself soon after the last pool.
    static func settled() async -> Leftovers { await once { $0.threads == 0 } }

    /// Returns the number of pipes beyond `before`, and the numbers of pool threads and children, as text.
    ///
    /// Waits up to about 30 seconds until nothing is left. A thread of Foundation waits for the end of each
    /// process, and keeps a pipe of the pool thread open until then. If `before` includes such a pipe, there
    /// may be fewer pipes now.
    static func difference(from before: Leftovers) async -> String {
        let now = await once { $0.threads == 0 && $0.pipes <= before.pipes && $0.children == 0 }
        return "pipes \(max(0, now.pipes - before.pipes)) threads \(now.threads) children \(now.children)"
    }
}
