// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// The hosts that the client has met lately: which generation of libcurl's caches each belongs to, and what
/// is in flight to it.
///
/// Pure. A generation takes new hosts until it has met `limit` of them; then the next one begins. The hosts
/// of the newest two stay where they are, since their connections are there; older ones are forgotten once
/// nothing is in flight to them, and begin anew. So what is kept does not grow with the number of hosts that
/// are ever met.
struct KnownHosts {
    /// Hosts by key, the number of a host's place; a host is a name and a port, and its key a hash of them.
    private struct Host {
        let key: Int
        var generation: Int
        var inFlight = 0
        /// Connections, among those in flight, that requests were sent on, or are about to be.
        var open = 0
        /// The first of the requests in flight makes a connection.
        var isOpening = false
        /// Transfers that wait for that connection.
        var waiting: [Int] = []
    }

    /// The number of hosts that a generation meets.
    let limit: Int
    /// The newest generation.
    private(set) var generation = 0
    private var hosts: [Host] = []
    private var free: [Int] = []
    private var places: [Int: Int] = [:]
    /// The places of the hosts that belong to the newest generation, and to the one before.
    private var newer: [Int] = []
    private var older: [Int] = []
    /// Hosts that the newest generation, and the one before, met otherwise than by `begin`.
    private var others = (newer: 0, older: 0)
    /// The host that was looked up last: there are often many requests to one host.
    private var last: (key: Int, place: Int)?

    init(limit: Int) {
        self.limit = limit
    }

    /// The number of hosts that are known.
    var count: Int { places.count }

    /// The number of requests in flight to the host at a place.
    func inFlight(at place: Int) -> Int { hosts[place].inFlight }

    /// True if the host at a place belongs to the generation before the newest.
    func isOfPrevious(_ place: Int) -> Bool { hosts[place].generation < generation }

    /// True if the newest generation has met as many hosts as it should.
    var isFull: Bool { newer.count + others.newer >= limit }

    /// True if the host of a key stays where it is: with one of the newest two generations.
    ///
    /// Not with one that met too many others meanwhile: a single host may lead to all others.
    mutating func isKnown(_ key: Int) -> Bool {
        if last?.key != key {
            guard let place = places[key] else { return false }
            last = (key, place)
        }
        guard let last else { return false }
        switch generation - hosts[last.place].generation {
        case 0: return others.newer < limit
        case 1: return others.older < limit
        default: return false
        }
    }

    /// Notes a request to the host of a key; returns its place.
    mutating func begin(_ key: Int) -> Int {
        let place = place(of: key)
        hosts[place].inFlight += 1
        return place
    }

    private mutating func place(of key: Int) -> Int {
        if isKnown(key), let last { return last.place }
        let place: Int
        if let known = places[key] {
            place = known
            hosts[place].generation = generation
        } else if let unused = free.popLast() {
            place = unused
            hosts[place] = Host(key: key, generation: generation)
        } else {
            place = hosts.count
            hosts.append(Host(key: key, generation: generation))
        }
        places[key] = place
        newer.append(place)
        last = (key, place)
        return place
    }

    /// Notes that a request to the host at a place has ended.
    mutating func end(at place: Int) {
        hosts[place].inFlight -= 1
        forgetIfOld(place)
    }

    /// Notes that a request of a generation was sent to yet another host.
    mutating func meetOther(ofPrevious: Bool) {
        if ofPrevious { others.older += 1 } else { others.newer += 1 }
    }

    /// Begins the next generation.
    mutating func renew() {
        let oldest = older
        generation += 1
        (older, newer, others) = (newer, [], (0, others.newer))
        for place in oldest { forgetIfOld(place) }
    }

    private mutating func forgetIfOld(_ place: Int) {
        guard hosts[place].inFlight == 0, hosts[place].generation < generation - 1 else { return }
        places[hosts[place].key] = nil
        if last?.place == place { last = nil }
        free.append(place)
    }
}

extension KnownHosts {
    /// The ways of a request that may go by the connection of another one.
    enum Opening {
        /// It goes by a connection that is there.
        case joins
        /// It makes the first connection.
        case opens
        /// It waits for the first connection.
        case waits
    }

    /// Says what to do with a transfer that may go by the connection of another one to the host at a place.
    mutating func open(_ transfer: Int, at place: Int) -> Opening {
        guard hosts[place].open == 0 else {
            hosts[place].open += 1
            return .joins
        }
        guard hosts[place].isOpening else {
            hosts[place].isOpening = true
            return .opens
        }
        hosts[place].waiting.append(transfer)
        return .waits
    }

    /// Notes that the first connection is made, or has failed; returns the transfers that waited for it, and
    /// count as open now.
    mutating func opened(at place: Int) -> [Int] {
        let waiting = hosts[place].waiting
        hosts[place].open += 1 + waiting.count
        (hosts[place].isOpening, hosts[place].waiting) = (false, [])
        return waiting
    }

    /// Takes a transfer out of those that wait for a connection to the host at a place.
    mutating func stopWaiting(_ transfer: Int, at place: Int) {
        hosts[place].waiting.removeAll { $0 == transfer }
        hosts[place].open += 1
    }

    /// Notes that a transfer that counted as open has ended.
    mutating func closed(at place: Int) { hosts[place].open -= 1 }
}

/// Keys by which the client knows hosts.
enum HostHash {
    /// The key of the host and port that a URL names, where the port is not its scheme's own.
    ///
    /// It is a hash that no server can foresee (Hasher). Two hosts with the same key share what is kept of
    /// hosts, which does no harm.
    static func key(of url: TargetURL) -> Int {
        var hasher = Hasher()
        let range = url.authority
        unsafe url.text.withUnsafeBytes { bytes in
            unsafe hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
        return hasher.finalize()
    }
}
