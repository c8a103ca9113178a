// SPDX-License-Identifier: MIT
// fetchpool

/// The results of a map that have come and were not returned.
///
/// The results of an ordered map are returned in the order of the tasks. The results of any other map are
/// returned in the order in which they came.
struct MapOrder {
    /// A result that came before the results of earlier tasks.
    private struct Parked {
        var arrival: MapArrival?
        var index = 0
    }

    private let isOrdered: Bool
    private var arrivals: [MapArrival] = []
    /// The position of the first result in `arrivals` that was not looked at: the index of its arrival, and
    /// its index in this arrival.
    private var (place, index) = (0, 0)
    /// The number of the task whose result is returned next; in an unordered map, the number of returned
    /// results.
    private var next = 0
    /// The parked results, in a ring whose size is a power of two.
    ///
    /// The result of task n is at n modulo the size.
    private var parked = [Parked](repeating: Parked(), count: 64)

    init(isOrdered: Bool) { self.isOrdered = isOrdered }

    /// Adds results that have come; call this function only after `takeNext` has returned `nil`.
    mutating func add(_ more: [MapArrival]) {
        (arrivals, place, index) = (more, 0, 0)
    }

    /// Removes the next result; returns its arrival and its index there, or `nil` if the result has not come.
    mutating func takeNext() -> (results: MapArrival, index: Int)? {
        let own = next & (parked.count - 1)
        if let arrival = parked[own].arrival {
            parked[own].arrival = nil
            next += 1
            return (arrival, parked[own].index)
        }
        while place < arrivals.count {
            let arrival = arrivals[place]
            while index < arrival.results.count {
                let number = arrival.results.numbers[index]
                index += 1
                if !isOrdered || number == next {
                    next += 1
                    return (arrival, index - 1)
                }
                park(number, arrival, index - 1)
            }
            (place, index) = (place + 1, 0)
        }
        arrivals = []
        return nil
    }

    private mutating func park(_ number: Int, _ arrival: MapArrival, _ index: Int) {
        while number - next >= parked.count { grow() }
        parked[number & (parked.count - 1)] = Parked(arrival: arrival, index: index)
    }

    private mutating func grow() {
        var larger = [Parked](repeating: Parked(), count: 2 * parked.count)
        for number in next..<next + parked.count {
            larger[number & (larger.count - 1)] = parked[number & (parked.count - 1)]
        }
        parked = larger
    }
}
