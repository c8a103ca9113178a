// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// A worker that can have one fault, at the point that `--at` names; the default is `compute`.
///
/// The fault happens at the tasks that contain the text of `--on`; without `--on`, at each task. With
/// `--at hello`, the fault also happens at the start of each worker. If `--boots FILE` is also given, only
/// the worker that creates `FILE` has the fault at its start.
///
/// The fault `error` at `hello` leaves out the `hello` line. At `after`, `error` has no effect.
///
///     stub-worker [--fault error|exit|segv|kill|hang --at hello|read|compute|write|after]
///         [--on TEXT] [--boots FILE] [--milliseconds N] [--concurrency N] [--beat] [--stubborn] [--child]
///
/// The stub shares no code with the pool. A mistake in shared code would be on both sides, and tests could
/// miss it.
@main
struct StubWorker {
    private var script = Script(CommandLine.arguments.dropFirst())

    static func main() {
        var worker = StubWorker()
        worker.serve()
    }

    private mutating func serve() {
        if script.isStubborn { signal(SIGTERM, SIG_IGN) }
        if script.leavesChild { Self.leaveChild() }
        let failsNow = script.point == .hello && script.isFirstBoot()
        if failsNow { fail(seq: nil) }
        if script.fault != .error || !failsNow {
            say("{\"t\":\"hello\",\"v\":1,\"name\":\"stub\",\"concurrency\":\(script.concurrency)}")
        }
        while let line = readLine() {
            if line.contains("\"t\":\"drain\"") { exit(0) }
            guard line.contains("\"t\":\"task\""), let seq = Self.seq(in: line) else { continue }
            if script.beats { say("{\"t\":\"beat\",\"rss_kb\":1000}") }
            work(on: seq, isPoison: script.fault != nil && line.contains(script.mark))
        }
    }

    private func work(on seq: Substring, isPoison: Bool) {
        if isPoison, script.point == .read || script.point == .hello { return fail(seq: seq) }
        if script.milliseconds > 0 { usleep(UInt32(script.milliseconds) * 1_000) }
        if isPoison, script.point == .compute { return fail(seq: seq) }
        let result = "{\"seq\":\(seq),\"result\":\(seq)}"
        if isPoison, script.point == .write {
            write(result.prefix(result.count / 2))
            return fail(seq: seq)
        }
        say(result)
        if isPoison, script.point == .after { fail(seq: nil) }
    }

    /// Executes the fault; returns only if the fault is `error`, or if there is no fault.
    private func fail(seq: Substring?) {
        switch script.fault {
        case .error:
            // A line feed ends the half line, so that the error gets a new line.
            if script.point == .write { say("") }
            if let seq { say("{\"seq\":\(seq),\"error\":{\"message\":\"as told\"}}") }
        case .exit: exit(7)
        case .segv:
            // With the handler of a sanitizer, the worker would exit with a status.
            signal(SIGSEGV, SIG_DFL)
            unsafe UnsafeMutablePointer<Int>(bitPattern: 8)?.pointee = 1
        case .kill: kill(getpid(), SIGKILL)
        case .hang: while true { pause() }
        case nil: break
        }
    }

    private func say(_ line: some StringProtocol) { write(line + "\n") }

    private func write(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        unsafe _ = Glibc.write(1, bytes, bytes.count)
    }

    /// Starts `sleep 300` in the worker's process group.
    ///
    /// The child inherits the worker's pipes, and runs for five minutes unless the process group is killed.
    private static func leaveChild() {
        var pid = pid_t()
        let words = unsafe [strdup("sleep"), strdup("300"), nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        unsafe _ = posix_spawnp(&pid, "sleep", nil, nil, words, environ)
    }

    private static func seq(in line: String) -> Substring? {
        line.firstRange(of: "\"seq\":").map { line[$0.upperBound...].prefix { $0.isNumber } }
    }
}
