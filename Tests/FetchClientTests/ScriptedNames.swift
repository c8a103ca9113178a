// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Synchronization

@testable import FetchClient

/// Look-ups as a test's script has them end, and a count of them.
final class ScriptedNames: Sendable {
    private let script: @Sendable (String, Int) -> LookupAnswer
    private let asked = Mutex<[String]>([])

    /// Ends each look-up as `script` says, which is told the name and how many look-ups of it there were before; it may wait.
    init(_ script: @escaping @Sendable (String, Int) -> LookupAnswer) { self.script = script }

    /// The names that were looked up, in their order.
    var names: [String] { asked.withLock { $0 } }

    /// Guards that look names up here.
    var guards: ClientGuards {
        var guards = ClientGuards()
        guards.lookUp = lookUp
        return guards
    }

    /// Looks up a name.
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

extension LookupAnswer {
    /// This machine.
    static let loopback = LookupAnswer.addresses([.v4(0x7F00_0001)])
    /// A name that there is not.
    static let missing = LookupAnswer.failed(LookupFailure(code: EAI_NONAME))
    /// A name server that is silent.
    static let unreachable = LookupAnswer.failed(LookupFailure(code: EAI_AGAIN))
}

/// Something that threads wait for until a test opens it, once for all.
final class Gate: Sendable {
    private let condition = NSCondition()
    private let state = Mutex(false)

    /// Lets all through from now on.
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
