// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Platform

@testable import Frontier

extension InputLine {
    /// Reads a line of input.
    static func of(_ text: String, ordinal: Int = 1) -> InputLine {
        read(Array(text.utf8).span, ordinal: ordinal)
    }
}

extension Frontier {
    /// Adds a line of input; a blank line adds nothing.
    mutating func add(_ line: InputLine, reference: Int = 0, at now: PoolTime) {
        switch line {
        case .blank: return
        case .refused(let refused): add(WaitingTask(refused, reference: reference), of: 0, at: now)
        case .task(let read):
            let place = TextPlace(start: 0, count: UInt32(read.object.count))
            var task = RunTask(read, text: place)
            task.reference = reference
            let name = Array(read.host.name.utf8)
            let host = host(task.host, name: name.span, port: read.host.port, at: now)
            add(WaitingTask(task), of: host, at: now)
        }
    }
}

// Overloads with a `FixedChance`: their results do not depend on chance.

extension Frontier {
    mutating func end(
        _ ticket: HostTicket,
        _ end: FetchEnd,
        again: (task: WaitingTask, wait: Int)? = nil,
        at now: PoolTime,
        using chance: inout FixedChance
    ) -> Bool {
        self.end(ticket, end, again, at: now, using: &chance)
    }
}

extension RetryPolicy {
    mutating func decide(_ failure: FailedFetch, using chance: inout FixedChance) -> Verdict {
        decide(failure, byChanceOf: &chance)
    }
}
