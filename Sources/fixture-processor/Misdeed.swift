// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import ResponseProcessors

/// The acts that a page can ask the processor for; most of these acts are failures.
///
/// Bounds of the unsafe code: `crash` writes to an address without memory, on purpose. `grab` writes to such
/// an address if malloc(3) fails. All other accesses of `grab` and `take` are to memory that they have
/// allocated.
enum Misdeed {
    /// Does what a page asks for.
    ///
    /// - Throws: `TaskFailure` for `error`, for unknown verbs, and if no process could be started.
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

    /// Writes to address 8, which no process has mapped: a real segmentation fault, not a trap of Swift.
    private static func crash() {
        unsafe UnsafeMutablePointer<Int>(bitPattern: 8)?.pointee = 1
    }

    /// Causes a trap of Swift: reads past the end of an array whose length the optimizer cannot know.
    private static func trap() {
        let empty = CommandLine.arguments.filter(\.isEmpty)
        print(empty[empty.count])
    }

    /// Calls itself until the stack overflows.
    @inline(never)
    private static func recurse(_ depth: Int) -> Int {
        let deeper = depth == .max ? 0 : recurse(depth + 1)
        return deeper &+ depth
    }

    private static func spin() {
        _ = time(nil)
    }

    /// Uses `milliseconds` of CPU time.
    private static func burn(milliseconds: Int) {
        let end = cpuMilliseconds() + milliseconds
        while cpuMilliseconds() < end {}
    }

    private static func cpuMilliseconds() -> Int {
        var now = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
        return now.tv_sec * 1_000 + now.tv_nsec / 1_000_000
    }

    /// Allocates memory, writes to each of its pages so that all are resident, and frees it after `duration`
    /// milliseconds.
    private static func take(mebibytes: Int, forMilliseconds duration: Int) {
        let count = mebibytes << 20
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 4096)
        for offset in stride(from: 0, to: count, by: 4096) {
            unsafe memory.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
        }
        _ = poll(nil, 0, Int32(clamping: duration))
        unsafe memory.deallocate()
    }

    /// Allocates memory without a check for failure, as many C libraries do, and writes to each of its pages.
    private static func grab(mebibytes: Int) {
        let count = mebibytes << 20
        let start = Int(bitPattern: unsafe malloc(count))
        for address in stride(from: start + 8, to: start + count, by: 4096) {
            unsafe UnsafeMutablePointer<UInt8>(bitPattern: address)?.pointee = 1
        }
        unsafe free(UnsafeMutableRawPointer(bitPattern: start))
    }

    /// Starts a process that sleeps for 30 seconds and keeps the descriptors that are not close-on-exec; the
    /// task does not wait for the process.
    private static func leaveChild() throws {
        var pid = pid_t()
        let sleep = unsafe [strdup("sleep"), strdup("30"), nil]
        defer { unsafe sleep.forEach { unsafe free($0) } }
        let failure = unsafe posix_spawnp(&pid, "sleep", nil, nil, sleep, environ)
        guard failure == 0 else { throw TaskFailure("no process could be started (errno \(failure))") }
    }

    /// Forks a process that sleeps for 30 seconds and keeps all descriptors, including the coordinator's
    /// pipes; the task does not wait for the process.
    private static func leaveTwin() throws {
        let pid = fork()
        guard pid >= 0 else { throw TaskFailure("no process could be forked (errno \(errno))") }
        guard pid == 0 else { return }
        _ = poll(nil, 0, 30_000)
        _exit(0)
    }
}
