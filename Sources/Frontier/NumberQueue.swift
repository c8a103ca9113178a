// SPDX-License-Identifier: MIT
// fetchpool

/// A queue of small numbers over one array that is used round and round.
///
/// The pool's `Deque` does the same for anything, but each call of it from another module costs 50 ns: too much for what is
/// called several times a task.
struct NumberQueue: Sendable {
    private var numbers = [Int32](repeating: 0, count: 16)
    private var head = 0
    /// The numbers held.
    private(set) var count = 0

    /// Whether nothing is held.
    var isEmpty: Bool { count == 0 }

    /// Adds a number at the end.
    mutating func append(_ number: Int) {
        if count == numbers.count {
            // The capacity is a power of two, so that an index wraps by a mask.
            numbers = numbers[head...] + numbers[..<head] + [Int32](repeating: 0, count: count)
            head = 0
        }
        numbers[(head + count) & (numbers.count - 1)] = Int32(number)
        count += 1
    }

    /// Takes the first number.
    mutating func popFirst() -> Int? {
        guard count > 0 else { return nil }
        defer {
            head = (head + 1) & (numbers.count - 1)
            count -= 1
        }
        return Int(numbers[head])
    }
}
