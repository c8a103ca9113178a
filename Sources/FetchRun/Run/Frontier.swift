// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// What waits to be fetched, in the order it came.
///
/// It holds what was read at once, and asks for more only when that is used up.
struct Frontier: Sendable {
    /// A line that waits.
    struct Waiting: Sendable {
        let line: InputLine
        let upstream: Int?
    }

    private var waiting: [Waiting?] = []
    private var next = 0

    /// Whether nothing waits.
    var isEmpty: Bool { next == waiting.count }

    /// Adds a line at the end.
    mutating func add(_ line: InputLine, upstream: Int?) {
        if isEmpty, next > 0 {
            waiting.removeAll(keepingCapacity: true)
            next = 0
        }
        waiting.append(Waiting(line: line, upstream: upstream))
    }

    /// Takes the next line.
    mutating func popFirst() -> Waiting? {
        while next < waiting.count {
            defer {
                waiting[next] = nil
                next += 1
            }
            if let first = waiting[next] { return first }
        }
        return nil
    }

    /// Gives back up to `max` tasks of a coordinator above, newest first; answers their numbers.
    mutating func giveBack(max: Int) -> [Int] {
        var given: [Int] = []
        for index in stride(from: waiting.count - 1, through: next, by: -1) where given.count < max {
            guard let seq = waiting[index]?.upstream else { continue }
            waiting[index] = nil
            given.append(seq)
        }
        return given
    }

    /// Gives back one task of a coordinator above; `false` if it does not wait here.
    mutating func giveBack(upstream seq: Int) -> Bool {
        guard let index = waiting[next...].firstIndex(where: { $0?.upstream == seq }) else { return false }
        waiting[index] = nil
        return true
    }
}
