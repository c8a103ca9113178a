// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import ResponseProcessors

/// The ways in which a processor can go wrong.
///
/// Bounds of the unsafe code here: none are kept in `crash`, on purpose; `take` touches only what it allocated.
enum Misdeed {
    /// Does what a page wishes.
    ///
    /// - Throws: `TaskFailure` for `error`, and for verbs that do not exist.
    static func perform(_ wish: Wish) throws {
        switch wish.verb {
        case "crash": crash()
        case "trap": trap()
        case "abort": abort()
        case "exit": exit(Int32(clamping: wish.number ?? 0))
        case "hang": while true { pause() }
        case "spin": while true { spin() }
        case "burn": burn(milliseconds: wish.number ?? 0)
        case "take": take(mebibytes: wish.number ?? 0)
        case "print": print("the page asked for this line")
        case "child": try leaveChild()
        case "error": throw TaskFailure("the page asked for an error")
        default: throw TaskFailure("the page asks for '\(wish.verb)', which the fixture cannot do")
        }
    }

    /// Writes to address 8, which no process has mapped: a real segmentation fault, no trap of Swift's.
    private static func crash() {
        unsafe UnsafeMutablePointer<Int>(bitPattern: 8)?.pointee = 1
    }

    /// Reads past the end of an array that the optimizer knows nothing about.
    private static func trap() {
        let empty = CommandLine.arguments.filter(\.isEmpty)
        print(empty[empty.count])
    }

    private static func spin() {
        _ = time(nil)
    }

    /// Uses the processor for `milliseconds`, measured in its own CPU time.
    private static func burn(milliseconds: Int) {
        let end = cpuMilliseconds() + milliseconds
        while cpuMilliseconds() < end {}
    }

    private static func cpuMilliseconds() -> Int {
        var now = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
        return now.tv_sec * 1_000 + now.tv_nsec / 1_000_000
    }

    /// Allocates memory and writes to each of its pages, so that it is really there; then gives it back.
    private static func take(mebibytes: Int) {
        let count = mebibytes << 20
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 4096)
        for offset in stride(from: 0, to: count, by: 4096) {
            unsafe memory.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
        }
        unsafe memory.deallocate()
    }

    /// Starts a process that outlives the task by half a minute and holds on to what it inherits.
    private static func leaveChild() throws {
        var pid = pid_t()
        let sleep = unsafe [strdup("sleep"), strdup("30"), nil]
        defer { unsafe sleep.forEach { unsafe free($0) } }
        let failure = unsafe posix_spawnp(&pid, "sleep", nil, nil, sleep, environ)
        guard failure == 0 else { throw TaskFailure("no process could be started (errno \(failure))") }
    }
}
