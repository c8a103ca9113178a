// SPDX-License-Identifier: MIT
// fetchpool

/// The fetches in flight, grouped by the millisecond in which they end.
///
/// The calendar is a timing wheel (Varghese and Lauck 1987) of lists. The time to add or remove a fetch does
/// not depend on the number of fetches in flight.
struct LandingCalendar {
    /// The number of milliseconds that the wheel holds, a power of two; no fetch takes longer.
    static let span = 1 << 17

    private var first = [Int32](repeating: -1, count: span)
    private var following: [Int32]
    /// A bit for each millisecond of the wheel; the bit is 1 if a fetch ends in that millisecond.
    private var marks = [UInt64](repeating: 0, count: span / 64)
    private var count = 0

    /// Creates an empty calendar for fetches with the numbers in `0..<fetches`.
    init(fetches: Int) { following = [Int32](repeating: -1, count: fetches) }

    /// Adds a fetch that ends at a millisecond.
    ///
    /// All milliseconds in the calendar must be in a range of `span` milliseconds.
    mutating func add(_ fetch: Int, at millisecond: Int) {
        let slot = millisecond & (Self.span - 1)
        following[fetch] = first[slot]
        first[slot] = Int32(fetch)
        marks[slot / 64] |= 1 << UInt64(slot % 64)
        count += 1
    }

    /// Returns the first millisecond, `start` or later, in which a fetch ends; `nil` if nothing is in flight.
    func next(from start: Int) -> Int? {
        guard count > 0 else { return nil }
        var slot = start & (Self.span - 1)
        var passed = 0
        while true {
            let word = marks[slot / 64] >> UInt64(slot % 64)
            if word != 0 { return start + passed + word.trailingZeroBitCount }
            passed += 64 - slot % 64
            slot = (slot / 64 * 64 + 64) & (Self.span - 1)
        }
    }

    /// Removes the fetches that end in a millisecond, and appends their numbers to `fetches`.
    mutating func take(at millisecond: Int, into fetches: inout [Int]) {
        let slot = millisecond & (Self.span - 1)
        var fetch = first[slot]
        while fetch >= 0 {
            fetches.append(Int(fetch))
            count -= 1
            fetch = following[Int(fetch)]
        }
        first[slot] = -1
        marks[slot / 64] &= ~(1 << UInt64(slot % 64))
    }
}
