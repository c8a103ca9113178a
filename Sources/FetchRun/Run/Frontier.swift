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

    /// What waits stands from `next` on; a task that was given back leaves a hole, but never the first place.
    private var waiting: [Waiting?] = []
    private var next = 0

    /// The places that its storage has in use, those of lines that have left included.
    var places: Int { waiting.count }

    /// Whether nothing waits.
    var isEmpty: Bool { next == waiting.count }

    /// Adds a line at the end.
    mutating func add(_ line: InputLine, upstream: Int?) {
        // Half of it at a time, so that each line is moved about once, even if something always waits.
        if next == waiting.count || next > 64 && next * 2 > waiting.count {
            waiting.removeFirst(next)
            next = 0
        }
        waiting.append(Waiting(line: line, upstream: upstream))
    }

    /// Takes the next line.
    mutating func popFirst() -> Waiting? {
        guard next < waiting.count else { return nil }
        defer {
            waiting[next] = nil
            skipHoles()
        }
        return waiting[next]
    }

    /// Gives back up to `max` tasks of a coordinator above, newest first; answers their numbers.
    mutating func giveBack(max: Int) -> [Int] {
        var given: [Int] = []
        for index in stride(from: waiting.count - 1, through: next, by: -1) where given.count < max {
            guard let seq = waiting[index]?.upstream else { continue }
            waiting[index] = nil
            given.append(seq)
        }
        skipHoles()
        return given
    }

    /// Gives back one task of a coordinator above; `false` if it does not wait here.
    mutating func giveBack(upstream seq: Int) -> Bool {
        guard let index = waiting[next...].firstIndex(where: { $0?.upstream == seq }) else { return false }
        waiting[index] = nil
        skipHoles()
        return true
    }

    private mutating func skipHoles() {
        while next < waiting.count, waiting[next] == nil { next += 1 }
    }
}
