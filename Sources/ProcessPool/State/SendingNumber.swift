// SPDX-License-Identifier: MIT
// fetchpool

/// A generator of the numbers (`seq`) that messages between the pool and a worker give to tasks.
///
/// Each time the pool sends a task to a worker, the task gets a new number. A worker may print the content of
/// a page by mistake, and such content must not count as the result of another page. So 24 bits of each
/// number are random. One bit distinguishes the two pools of a run: one pool fetches, and the other pool
/// processes. 28 bits count the sendings. Each number is below 2^53, so that JSON readers read it exactly
/// (RFC 8259 §6). The count wraps after 2^28 sendings.
struct SendingNumber: Sendable {
    private static let randomBits = 24
    private static let countedBits = 28
    private static let countMask = 1 << countedBits - 1

    /// The pool's number, 0 or 1.
    let pool: Int
    private var state: UInt64

    /// Creates the generator of a pool; the two pools of a run differ in `pool`, and the seed must be secret.
    init(pool: Int, seed: UInt64) {
        precondition(pool == 0 || pool == 1)
        (self.pool, state) = (pool, seed)
    }

    /// Returns the number of the sending with the given ordinal.
    ///
    /// Call this function once for each sending, because each call takes new random bits.
    mutating func next(_ ordinal: Int) -> Int {
        // SplitMix64: https://prng.di.unimi.it/splitmix64.c
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        let random = Int(truncatingIfNeeded: word >> (64 - UInt64(Self.randomBits)))
        let counted = (ordinal & Self.countMask) << 1 | pool
        return counted << Self.randomBits | random
    }

    /// Returns the smallest ordinal from `first` on whose low 28 bits are the count in `seq`.
    static func ordinal(of seq: Int, after first: Int) -> Int {
        let counted = seq >> (randomBits + 1)
        return first &+ ((counted &- first) & countMask)
    }
}
