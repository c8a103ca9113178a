// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc
import Platform

/// The figures of one run of a program and of the processes that it started.
struct ProgramRun: Sendable {
    /// The exit code, or 128 plus the number of the signal that ended the program.
    var status: Int32 = 0
    /// The time from the start to the end, in seconds.
    var wallSeconds = 0.0
    /// The processor time, user and system, of the program and of the descendants that were reaped, in
    /// seconds.
    var cpuSeconds = 0.0
    /// The largest peak memory (VmHWM of proc(5)) of a process, in KiB, by the name of the process's program.
    ///
    /// Memory that a process takes after its last sample does not count.
    var peakKiB: [String: Int] = [:]
    /// The time of the last output, in seconds of the monotonic clock; nil without timed output, or if there
    /// was no output.
    var lastOutput: Double?
    /// The times at which output arrived, in seconds of the monotonic clock, with the number of lines so far.
    ///
    /// The array is empty without timed output, or if there was no output.
    var arrivals: [(time: Double, lines: Int)] = []

    /// The time of the start, in seconds of the monotonic clock.
    var begin = 0.0

    /// Returns the time of the monotonic clock, in seconds.
    static func now() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Runs a command to its end.
    ///
    /// Standard error goes to the file `stderr` in `folder`, and standard output to `stdout` unless the
    /// output is timed.
    ///
    /// - Throws: `BenchError` if the command cannot be started or waited for, if it was killed after `limit`
    ///   seconds, or if this program was interrupted.
    static func run(_ command: Command, in folder: String, limit: Double = 300) throws -> ProgramRun {
        var start = ChildStart()
        var reader: Int32 = -1
        if command.isOutputTimed {
            reader = try start.pipeOutput()
        } else {
            start.send(1, to: folder + "/stdout")
        }
        start.send(2, to: folder + "/stderr")
        defer { if reader >= 0 { close(reader) } }
        var run = ProgramRun()
        let begin = now()
        run.begin = begin
        let pid = try start.run(command)
        let exit = clinux_pidfd_open(pid)
        guard exit >= 0 else {
            let reason = lastSystemError()
            ProcessTree.kill(pid)
            run.reap(pid)
            throw BenchError("the end of \(command.program) cannot be waited for: \(reason)")
        }
        defer { close(exit) }
        let isWhole = run.watch(pid, exit, reader, until: begin + limit)
        if !isWhole { ProcessTree.kill(pid) }
        run.reap(pid)
        run.wallSeconds = now() - begin
        if Interruption.isAsked { throw BenchError("interrupted") }
        guard isWhole else { throw BenchError("\(command.program) took longer than \(Int(limit)) s") }
        return run
    }

    /// Waits until a process and its timed output have ended, and samples the memory; returns `false` if the
    /// process must be killed.
    private mutating func watch(_ pid: pid_t, _ exit: Int32, _ reader: Int32, until deadline: Double) -> Bool
    {
        let begin = Self.now()
        var nextLook = begin
        var (hasOutput, hasExited) = (reader >= 0, false)
        while hasOutput || !hasExited {
            let now = Self.now()
            if now >= deadline || Interruption.isAsked { return false }
            if now >= nextLook {
                if !hasExited { ProcessTree.addPeaks(of: pid, to: &peakKiB) }
                // The samples are frequent at first and rare later, so that they cost almost nothing.
                nextLook = now + min(0.1, 0.005 + (now - begin) / 4)
            }
            var entries = [
                pollfd(fd: hasOutput ? reader : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: hasExited ? -1 : exit, events: Int16(POLLIN), revents: 0),
            ]
            guard unsafe poll(&entries, 2, Int32(max(1, (nextLook - now) * 1_000))) > 0 else { continue }
            if entries[0].revents != 0 { hasOutput = drain(reader) }
            if entries[1].revents != 0 { hasExited = true }
        }
        return true
    }

    /// Reads up to 64 KiB of output, and notes the time and the lines so far.
    ///
    /// Returns `false` at the end of the output, or if the output cannot be read.
    private mutating func drain(_ reader: Int32) -> Bool {
        var piece = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe read(reader, &piece, piece.count)
        guard count > 0 else { return false }
        let (time, lines) = (Self.now(), piece[..<count].count { $0 == UInt8(ascii: "\n") })
        lastOutput = time
        arrivals.append((time, (arrivals.last?.lines ?? 0) + lines))
        return true
    }

    private mutating func reap(_ pid: pid_t) {
        var (word, usage): (Int32, rusage) = (0, rusage())
        while unsafe wait4(pid, &word, 0, &usage) < 0 && errno == EINTR {}
        status = word & 0x7F == 0 ? word >> 8 & 0xFF : 128 + word & 0x7F
        cpuSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }
}
