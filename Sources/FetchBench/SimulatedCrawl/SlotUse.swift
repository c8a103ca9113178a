// SPDX-License-Identifier: MIT
// fetchpool

/// The use of the slots over the virtual time of a simulated crawl.
///
/// A slot holds at most one fetch in flight.
struct SlotUse {
    /// The state of the slots while the virtual clock moves.
    enum State {
        /// All slots are in use.
        case full
        /// Slots are free, and the end of the input was not found yet: the frontier is full, and none of its
        /// tasks may begin.
        case blocked
        /// Slots are free, and the input has ended.
        case ending
    }

    /// The virtual time, in nanoseconds.
    private(set) var time = 0
    /// The time in which each slot was in use, summed over all slots, in nanoseconds.
    private(set) var used = 0.0
    /// The time in the state `blocked`, and the sum of the slots' free times in this state, in nanoseconds.
    private(set) var blocked = (time: 0, slots: 0.0)
    /// The time in the state `ending`, and the sum of the slots' free times in this state, in nanoseconds.
    private(set) var ending = (time: 0, slots: 0.0)

    /// Adds a time of `nanoseconds` in which `used` of `slots` slots were in use.
    mutating func add(_ nanoseconds: Int, _ state: State, used: Int, of slots: Int) {
        time += nanoseconds
        self.used += Double(used) * Double(nanoseconds)
        let free = Double(slots - used) * Double(nanoseconds)
        switch state {
        case .full: break
        case .blocked: blocked = (blocked.time + nanoseconds, blocked.slots + free)
        case .ending: ending = (ending.time + nanoseconds, ending.slots + free)
        }
    }

    /// Returns the use since `earlier`, an earlier copy of this value.
    func since(_ earlier: Self) -> Self {
        var use = self
        use.time -= earlier.time
        use.used -= earlier.used
        use.blocked = (blocked.time - earlier.blocked.time, blocked.slots - earlier.blocked.slots)
        use.ending = (ending.time - earlier.ending.time, ending.slots - earlier.ending.slots)
        return use
    }

    /// Returns the mean share of the slots in use, from 0 to 1; 0 if no time was added.
    func share(of slots: Int) -> Double { time == 0 ? 0 : used / Double(time) / Double(slots) }
}
