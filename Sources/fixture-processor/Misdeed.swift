// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import ResponseProcessors

/// The ways in which a processor can go wrong.
///
/// Bounds of the unsafe code here: none are kept in `crash` and `grab`, on purpose; `take` touches only what it allocated.
enum Misdeed {
    /// Does what a page wishes.
    ///
    /// - Throws: `TaskFailure` for `error`, and for verbs that do not exist.
    static func perform(_ wish: Wish) throws {
        switch wish.verb {
        case "crash": crash()
        case "trap": trap()
        case "abort": abort()
        case "recurse": print(recurse(1))
        case "exit": exit(Int32(clamping: wish[0]))
        case "hang": while true { pause() }
        case "spin": while true { spin() }
        case "burn": burn(milliseconds: wish[0])
        case "take": take(mebibytes: wish[0], forMilliseconds: wish[1])
        case "grab": grab(mebibytes: wish[0])
        case "print": print("the page asked for this line")
        case "child": try leaveChild()
        case "fork": try leaveTwin()
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

    /// Calls itself until the stack has run out, each time with more on it.
    @inline(never)
    private static func recurse(_ depth: Int) -> Int {
        let deeper = depth == .max ? 0 : recurse(depth + 1)
        return deeper &+ depth
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

    /// Allocates memory and writes to each of its pages, so that it is really there; gives it back `duration` milliseconds later.
    private static func take(mebibytes: Int, forMilliseconds duration: Int) {
        let count = mebibytes << 20
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 4096)
        for offset in stride(from: 0, to: count, by: 4096) {
            unsafe memory.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
        }
        _ = poll(nil, 0, Int32(clamping: duration))
        unsafe memory.deallocate()
    }

    /// Allocates memory as much of the C world does, without a look at whether there was any, and writes to all of it.
    private static func grab(mebibytes: Int) {
        let count = mebibytes << 20
        let start = Int(bitPattern: unsafe malloc(count))
        for address in stride(from: start + 8, to: start + count, by: 4096) {
            unsafe UnsafeMutablePointer<UInt8>(bitPattern: address)?.pointee = 1
        }
        unsafe free(UnsafeMutableRawPointer(bitPattern: start))
    }

    /// Starts a process that outlives the task by half a minute and holds on to what it inherits.
    private static func leaveChild() throws {
        var pid = pid_t()
        let sleep = unsafe [strdup("sleep"), strdup("30"), nil]
        defer { unsafe sleep.forEach { unsafe free($0) } }
        let failure = unsafe posix_spawnp(&pid, "sleep", nil, nil, sleep, environ)
        guard failure == 0 else { throw TaskFailure("no process could be started (errno \(failure))") }
    }

    /// Forks: a second process holds all descriptors, the coordinator's pipes too, and outlives the task by half a minute.
    private static func leaveTwin() throws {
        let pid = fork()
        guard pid >= 0 else { throw TaskFailure("no process could be forked (errno \(errno))") }
        guard pid == 0 else { return }
        _ = poll(nil, 0, 30_000)
        _exit(0)
    }
}
