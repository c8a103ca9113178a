// SPDX-License-Identifier: MIT
// fetchpool

/// Finds a host's number by its hash: open addressing over one array, with linear probing.
///
/// Hashes that are equal for two hosts are told apart by the caller, which knows their names.
struct HostIndex: Sendable {
    private struct Slot: Sendable {
        var hash: HostHash = 0
        var number: Int32 = 0
    }

    private var slots = [Slot](repeating: Slot(), count: 16)
    /// The hosts in it.
    private(set) var count = 0

    /// The number of the host with this hash that `isMeant`; `nil` if there is none.
    func number(of hash: HostHash, where isMeant: (Int) -> Bool) -> Int? {
        var place = home(of: hash)
        while slots[place].hash != 0 {
            if slots[place].hash == hash, isMeant(Int(slots[place].number)) {
                return Int(slots[place].number)
            }
            place = (place + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Adds a host that is not there.
    mutating func add(_ number: Int, hash: HostHash) {
        if count * 2 >= slots.count { grow() }
        var place = home(of: hash)
        while slots[place].hash != 0 { place = (place + 1) & (slots.count - 1) }
        slots[place] = Slot(hash: hash, number: Int32(number))
        count += 1
    }

    /// Takes a host out, and moves what was put behind it because of it to where it is found (Knuth, TAOCP 3, 6.4, algorithm R).
    mutating func remove(_ number: Int, hash: HostHash) {
        let mask = slots.count - 1
        var hole = home(of: hash)
        while slots[hole].number != number || slots[hole].hash != hash {
            guard slots[hole].hash != 0 else { return }
            hole = (hole + 1) & mask
        }
        count -= 1
        var place = hole
        while true {
            slots[hole] = Slot()
            var wanted: Int
            repeat {
                place = (place + 1) & mask
                guard slots[place].hash != 0 else { return }
                wanted = home(of: slots[place].hash)
                // What is at home behind the hole, up to where it lies, stays.
            } while (place - wanted) & mask < (place - hole) & mask
            slots[hole] = slots[place]
            hole = place
        }
    }

    private func home(of hash: HostHash) -> Int { Int(truncatingIfNeeded: hash) & (slots.count - 1) }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: Slot(), count: old.count * 2)
        count = 0
        for slot in old where slot.hash != 0 { add(Int(slot.number), hash: slot.hash) }
    }
}
