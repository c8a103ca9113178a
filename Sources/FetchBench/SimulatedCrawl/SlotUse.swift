// SPDX-License-Identifier: MIT
// fetchpool

/// The use of the slots over the virtual time of a simulated crawl.
struct SlotUse {
    /// The state of the slots between two turns.
    enum State {
        /// All slots are in use.
        case full
        /// Slots are free although the input has more tasks: all tasks that were read ahead wait for busy
        /// hosts.
        case blocked
        /// Slots are free because the input has ended.
        case ending
    }

    /// The virtual time, in nanoseconds.
    private(set) var time = 0
    /// The sum of the times of all slots in use, in nanoseconds.
    private(set) var used = 0.0
    /// The time in which slots were free although the input had more tasks, and the sum of the times of these
    /// slots.
    private(set) var blocked = (time: 0, slots: 0.0)
    /// The time after the end of the input, and the sum of the times of the slots that were free.
    private(set) var ending = (time: 0, slots: 0.0)

    /// Adds a time in which `used` of `slots` slots were in use.
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

    /// Returns the use since an earlier time.
    func since(_ earlier: Self) -> Self {
        var use = self
        use.time -= earlier.time
        use.used -= earlier.used
        use.blocked = (blocked.time - earlier.blocked.time, blocked.slots - earlier.blocked.slots)
        use.ending = (ending.time - earlier.ending.time, ending.slots - earlier.ending.slots)
        return use
    }

    /// Returns the share of the slots that were in use, on average.
    func share(of slots: Int) -> Double { time == 0 ? 0 : used / Double(time) / Double(slots) }
}
