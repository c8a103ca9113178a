// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// A semaphore for Swift tasks: a task that waits for its turn occupies no thread.
///
/// While the cores are idle, tasks get more turns than usual.
///
/// `@unchecked Sendable`: `lock` guards all mutable properties. (A `Mutex` would confuse the thread
/// sanitizer, which does not track waits for a `Mutex`.)
final class Turns: @unchecked Sendable {
    /// The turns of all tests with their own threads.
    ///
    /// There are two turns for each core, because most of these tests wait for the programs that they start.
    /// With one turn for each core, the cores are idle for two thirds of the time. Some tests wait for a
    /// time-out of many seconds, so there are up to four more turns for each core.
    static let shared = {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let turns = Turns(2 * cores, extra: 4 * cores)
        let thread = Thread { turns.watchCores() }
        thread.start()
        return turns
    }()

    private let lock = NSLock()
    /// The number of turns that no task has; below 0 while tasks have extra turns.
    private var free: Int
    /// The lowest value of `free`, at most 0.
    private let leastFree: Int
    /// The waiting tasks, newest first, without those of `waitingFirst`.
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// The waiting tasks that get their turns before all others, newest first.
    private var waitingFirst: [CheckedContinuation<Void, Never>] = []
    /// The share of the cores' time that was idle lately, from 0 to 1.
    private var idleShare = 0.0

    /// Creates `count` turns for all times, and `extra` turns for the times at which cores are idle.
    init(_ count: Int, extra: Int = 0) { (free, leastFree) = (count, -extra) }

    /// Waits for a turn; tasks get their turns in the order of the calls, those with `isFirst` first.
    func take(isFirst: Bool = false) async {
        await withCheckedContinuation { continuation in
            let isFree = lock.withLock {
                guard free <= 0 else {
                    free -= 1
                    return true
                }
                if isFirst {
                    waitingFirst.insert(continuation, at: 0)
                } else {
                    waiting.insert(continuation, at: 0)
                }
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// The number of waiting tasks.
    var waitingTasks: Int { lock.withLock { waiting.count + waitingFirst.count } }

    /// Ends a turn.
    ///
    /// The next waiting task gets the turn, unless the turn is an extra one and no core is idle.
    func giveBack() {
        let next = lock.withLock {
            free += 1
            return free > 0 || idleShare > 0.1 ? nextTask() : nil
        }
        next?.resume()
    }

    /// Notes how much of the cores' time was idle lately.
    ///
    /// If it was much, the next waiting task gets an extra turn.
    func note(idleShare share: Double) {
        let next = lock.withLock {
            idleShare = share
            return share > 0.25 && free > leastFree ? nextTask() : nil
        }
        next?.resume()
    }

    /// Removes and returns the next waiting task, and takes a turn for it; `lock` must be held.
    private func nextTask() -> CheckedContinuation<Void, Never>? {
        let next = waitingFirst.popLast() ?? waiting.popLast()
        if next != nil { free -= 1 }
        return next
    }

    /// Looks four times a second how much of the cores' time was idle; never returns.
    private func watchCores() {
        var last = CoreTimes()
        while true {
            Thread.sleep(forTimeInterval: 0.25)
            let times = CoreTimes()
            note(idleShare: times.idleShare(since: last))
            last = times
        }
    }
}

/// The times that all cores have spent since the system's start (proc_stat(5)), in ticks.
private struct CoreTimes {
    private var (idle, all) = (0, 0)

    /// Reads the times; they are 0 if the system does not tell them.
    init() {
        let line = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8))?.prefix { $0 != "\n" } ?? ""
        // After user, nice and system come idle and iowait. The times of guests are within user and nice.
        let times = line.split(separator: " ").dropFirst().prefix(8).map { Int($0) ?? 0 }
        guard times.count == 8 else { return }
        (idle, all) = (times[3] + times[4], times.reduce(0, +))
    }

    func idleShare(since earlier: CoreTimes) -> Double {
        all > earlier.all ? Double(idle - earlier.idle) / Double(all - earlier.all) : 0
    }
}
