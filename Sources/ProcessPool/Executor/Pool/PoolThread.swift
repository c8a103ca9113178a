// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Foundation
import Platform

/// The thread that serves all executors of the process.
///
/// The thread is started for the first executor that has a task, and ends when it serves no executor any
/// more. There is only one thread, because two threads must not start processes at the same time
/// (`WorkerProcess`).
final class PoolThread: LoopClient {
    /// The executors that the thread has not yet taken over, and the pipe that ends the loop's sleep.
    ///
    /// `@unchecked Sendable`: the lock of `registry` guards `arrivals`.
    final class Mailbox: @unchecked Sendable {
        let wake: WakePipe
        fileprivate var arrivals: [PoolCore]

        fileprivate init(_ pipe: Platform.Pipe, _ core: PoolCore) {
            (wake, arrivals) = (WakePipe(pipe), [core])
        }
    }

    /// The mailbox of the thread that executors join; `nil` if there is no such thread.
    ///
    /// `@unchecked Sendable`: `lock` guards `mailbox`.
    private final class Registry: @unchecked Sendable {
        let lock = NSLock()
        var mailbox: Mailbox?
    }

    private static let registry = Registry()
    /// The size of the thread's stack in bytes: deeply nested JSON in a build without optimization needs most
    /// of the stack.
    private static let stackBytes = 4 << 20

    private let mailbox: Mailbox
    private lazy var loop = PoolLoop(client: self, host: ExecutorHost(wake: mailbox.wake))
    private var cores: [PoolCore] = []
    private var hasName = false

    private init(_ mailbox: Mailbox) { self.mailbox = mailbox }

    /// Passes an executor to the thread, and starts a thread if there is none; returns the thread's mailbox.
    ///
    /// - Throws: `cannotStartWorkers` if the system refuses a pipe or a thread.
    static func join(_ core: PoolCore) throws(ProcessPoolError) -> Mailbox {
        registry.lock.lock()
        defer { registry.lock.unlock() }
        if let mailbox = registry.mailbox {
            mailbox.arrivals.append(core)
            return mailbox
        }
        guard let pipe = Platform.Pipe(isNonblocking: true) else {
            throw .cannotStartWorkers(stderr: [PoolError.noDescriptors.description])
        }
        let mailbox = Mailbox(pipe, core)
        let failure = SystemThread.start(stackBytes: stackBytes) { PoolThread(mailbox).run() }
        guard failure == 0 else {
            let reason =
                "no thread can be started: \(systemError(failure)); raise the limit (ulimit -u, ulimit -v, or that of the control group)"
            throw .cannotStartWorkers(stderr: [reason])
        }
        registry.mailbox = mailbox
        return mailbox
    }

    private func run() {
        ExecutorHost.blockSignals()
        loop.run { goesOn() }
    }

    /// Returns `true` while there are executors to serve.
    ///
    /// Before it returns `false`, the function removes the mailbox, so that the next executor starts a new
    /// thread.
    private func goesOn() -> Bool {
        guard cores.isEmpty else { return true }
        Self.registry.lock.lock()
        defer { Self.registry.lock.unlock() }
        if !mailbox.arrivals.isEmpty { return true }
        if Self.registry.mailbox === mailbox { Self.registry.mailbox = nil }
        return false
    }

    func turn(at now: PoolTime) {
        Self.registry.lock.lock()
        let arrivals = mailbox.arrivals
        mailbox.arrivals = []
        Self.registry.lock.unlock()
        cores += arrivals
        for core in cores { core.turn(of: loop, at: now) }
    }

    func endOfTurn(at now: PoolTime) {
        // The threads that Foundation starts with the first worker never end, and inherit this thread's name.
        // So this thread gets its own name only at the end of its first turn.
        if !hasName { unsafe clinux_name_thread("process-pool") }
        hasName = true
        for core in cores { core.publish() }
        cores.removeAll { $0.leaves(loop) }
    }

    func nextWake(after now: PoolTime) -> PoolTime? {
        cores.compactMap { $0.nextWake(after: now) }.min()
    }
}
