// SPDX-License-Identifier: MIT
// fetchpool

/// A queue of tokens over one array, compacted when half of it is used up.
struct TokenQueue: Sendable {
    private var tokens: [Int] = []
    private var head = 0

    var isEmpty: Bool { head == tokens.count }

    mutating func append(_ token: Int) {
        tokens.append(token)
    }

    mutating func popFirst() -> Int? {
        guard head < tokens.count else { return nil }
        defer {
            head += 1
            if head * 2 > tokens.count {
                tokens.removeFirst(head)
                head = 0
            }
        }
        return tokens[head]
    }
}
