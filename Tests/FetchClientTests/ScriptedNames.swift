// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Synchronization

@testable import FetchClient

/// Look-ups of host names whose results come from a function of the test.
final class ScriptedNames: Sendable {
    private let script: @Sendable (String, Int) -> LookupResult
    private let asked = Mutex<[String]>([])

    /// Creates look-ups with the results of `script`.
    ///
    /// `script` gets the name, and the number of earlier look-ups of this name. The function `script` is
    /// allowed to block.
    init(_ script: @escaping @Sendable (String, Int) -> LookupResult) { self.script = script }

    /// The names of all look-ups, in the order in which the look-ups began.
    var names: [String] { asked.withLock { $0 } }

    /// Guards of a client that uses these look-ups.
    var guards: ClientGuards { guards(nil) }

    /// Returns guards of a client that uses these look-ups with the given limits.
    ///
    /// If `limits` is `nil`, the client computes the limits from its concurrency.
    func guards(_ limits: LookupLimits?) -> ClientGuards {
        var guards = ClientGuards()
        (guards.lookUp, guards.lookupLimits) = (lookUp, limits)
        return guards
    }

    /// The function that records a name and returns the result of `script`.
    var lookUp: LookupThreads.Function {
        { name in
            let before = self.asked.withLock { names in
                defer { names.append(name) }
                return names.count { $0 == name }
            }
            return self.script(name, before)
        }
    }
}

extension LookupResult {
    /// The result with the address 127.0.0.1.
    static let loopback = LookupResult.addresses([.v4(0x7F00_0001)])
    /// The result for a name that does not exist.
    static let missing = LookupResult.failed(LookupFailure(code: EAI_NONAME))
    /// The result if no name server responds.
    static let unreachable = LookupResult.failed(LookupFailure(code: EAI_AGAIN))
}

/// A gate at which threads wait until a test opens the gate; an open gate stays open.
final class Gate: Sendable {
    private let condition = NSCondition()
    private let state = Mutex(false)

    /// Opens the gate.
    func open() {
        condition.lock()
        state.withLock { $0 = true }
        condition.broadcast()
        condition.unlock()
    }

    /// Waits until the gate is open.
    func pass() {
        condition.lock()
        while !state.withLock({ $0 }) { condition.wait() }
        condition.unlock()
    }
}
