// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// Figures of a limited number of hosts.
///
/// The table has all hosts until it is full. When a new host comes to a full table, half of the hosts are
/// removed: those with the smallest weights (Misra, Gries: Finding Repeated Elements, 1982). Failures and the
/// time of fetches add to a host's weight. A removal also lowers each remaining weight by the largest of the
/// removed weights. A removed host that comes back starts from 0, so its counts are lower bounds.
struct HostTable: Sendable {
    /// The figures of one host.
    struct Host: Sendable {
        /// The host, with its port if the port is not the default of the scheme.
        let name: String
        var records = 0
        var failures = 0
        /// The number of fetches with a known time.
        var fetches = 0
        /// The sum of the known times of fetches, in milliseconds.
        var time = 0.0
        /// The longest known time of a fetch, in milliseconds; 0 if no fetch has a known time.
        var longest = 0.0
        /// The number of failures for each class, in the order of `ErrorClass.allCases`; empty before the
        /// first failure with a class.
        var classes: [UInt32] = []
        /// True if earlier records of the host may be missing.
        let isPartial: Bool
        fileprivate let hash: UInt64
        fileprivate var weight = 0.0

        /// The mean time of a fetch, in milliseconds; 0 if no fetch has a known time.
        var mean: Double { fetches == 0 ? 0 : time / Double(fetches) }

        /// The most frequent class of the host's failures; `nil` if no failure has a class.
        var leadingClass: ErrorClass? {
            guard let most = classes.max(), most > 0, let index = classes.firstIndex(of: most) else {
                return nil
            }
            return ErrorClass.allCases[index]
        }
    }

    private(set) var hosts: [Host] = []
    private var places: [UInt64: Int] = [:]
    private let capacity: Int
    /// True if hosts have been removed.
    private(set) var isPartial = false
    private var last: (name: [UInt8], place: Int) = ([], -1)
    private var seen = DistinctCount()

    /// Creates a table for at most `capacity` hosts.
    init(capacity: Int = Self.usualCapacity) { self.capacity = capacity }

    static let usualCapacity = 16_384

    /// The number of different hosts, including removed hosts.
    ///
    /// The number is exact while `isPartial` is false, and otherwise an estimate.
    var distinct: Int { isPartial ? max(seen.estimate, hosts.count) : hosts.count }

    /// Counts a record of the host `name`; `milliseconds` is the time of the fetch, if known.
    mutating func count(
        _ name: [UInt8],
        isFailure: Bool,
        _ errorClass: ErrorClass?,
        milliseconds: Double?
    ) {
        let place = place(of: name)
        hosts[place].records += 1
        if isFailure {
            hosts[place].failures += 1
            hosts[place].weight += 1
            if let errorClass, let index = ErrorClass.allCases.firstIndex(of: errorClass) {
                if hosts[place].classes.isEmpty {
                    hosts[place].classes = [UInt32](repeating: 0, count: ErrorClass.allCases.count)
                }
                hosts[place].classes[index] &+= 1
            }
        }
        guard let milliseconds else { return }
        hosts[place].fetches += 1
        hosts[place].time += milliseconds
        hosts[place].longest = max(hosts[place].longest, milliseconds)
        // A failure weighs as much as one second of fetches.
        hosts[place].weight += milliseconds / 1_000
    }

    private mutating func place(of name: [UInt8]) -> Int {
        if last.place >= 0, last.name == name { return last.place }
        var hasher = Hasher()
        unsafe name.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        let hash = UInt64(bitPattern: Int64(hasher.finalize()))
        let place: Int
        if let known = places[hash] {
            place = known
        } else {
            seen.add(hash)
            if hosts.count >= capacity { leaveOutLightest() }
            place = hosts.count
            let text = ShownText.of(name, limit: 260)
            hosts.append(Host(name: text, isPartial: isPartial, hash: hash))
            places[hash] = place
        }
        last = (name, place)
        return place
    }

    private mutating func leaveOutLightest() {
        isPartial = true
        last.place = -1
        hosts.sort { $0.weight > $1.weight }
        let median = hosts[hosts.count / 2].weight
        hosts.removeSubrange((hosts.count / 2)...)
        for place in hosts.indices { hosts[place].weight -= median }
        places = Dictionary(uniqueKeysWithValues: hosts.enumerated().map { ($1.hash, $0) })
    }
}

/// An estimate of the number of different hashes (Flajolet and others: HyperLogLog, 2007).
///
/// The standard error is 1.6 % from about 10,000 hashes on.
struct DistinctCount: Sendable {
    private var registers = [UInt8](repeating: 0, count: 4_096)

    /// Counts a hash, unless this hash was counted before.
    mutating func add(_ hash: UInt64) {
        let rank = UInt8((hash << 12 | 0x800).leadingZeroBitCount + 1)
        let register = Int(hash >> 52)
        if registers[register] < rank { registers[register] = rank }
    }

    var estimate: Int {
        let size = Double(registers.count)
        let sum = registers.reduce(0.0) { $0 + Double(sign: .plus, exponent: -Int($1), significand: 1) }
        return Int((0.7213 / (1 + 1.079 / size) * size * size / sum).rounded())
    }
}
