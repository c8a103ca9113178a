// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// The hosts that the client has contacted lately, with their generation and their requests in flight.
///
/// Each generation has its own multi handle of libcurl. The newest generation accepts new hosts until the
/// client calls `renew`, usually when the newest generation has `limit` hosts. Hosts of the newest two
/// generations stay in their generation, because their connections are open there. An older host is forgotten
/// when it has no request in flight; a new request moves it to the newest generation. So the memory use does
/// not grow with the number of hosts ever contacted.
///
/// The place of a host is its index in the table.
struct KnownHosts {
    /// An entry for a host; `key` is the key of `HostHash`.
    private struct Host {
        let key: Int
        var generation: Int
        var inFlight = 0
        /// The number of requests in flight that may use an open connection.
        var open = 0
        /// True while a transfer has started and later transfers wait until it has a connection.
        var isOpening = false
        /// The slots of the transfers that wait for the connection of that transfer.
        var waiting: [Int] = []
    }

    /// The number of hosts of a generation at which the client begins the next generation, if it can.
    let limit: Int
    /// The newest generation.
    private(set) var generation = 0
    private var hosts: [Host] = []
    private var free: [Int] = []
    private var places: [Int: Int] = [:]
    /// The indices of the hosts of the newest generation, and of the previous generation.
    private var newer: [Int] = []
    private var older: [Int] = []
    /// The host that was looked up last; many requests in a row often go to one host.
    private var last: (key: Int, place: Int)?

    init(limit: Int) {
        self.limit = limit
    }

    /// The number of known hosts.
    var count: Int { places.count }

    /// Returns the number of requests in flight to the host at a place.
    func inFlight(at place: Int) -> Int { hosts[place].inFlight }

    /// Returns true if the host at a place belongs to an older generation than the newest.
    func isOfPrevious(_ place: Int) -> Bool { hosts[place].generation < generation }

    /// True if the newest generation has at least `limit` hosts.
    var isFull: Bool { newer.count >= limit }

    /// Returns true if the host of a key belongs to one of the newest two generations.
    mutating func isKnown(_ key: Int) -> Bool {
        if last?.key != key {
            guard let place = places[key] else { return false }
            last = (key, place)
        }
        guard let last else { return false }
        return generation - hosts[last.place].generation <= 1
    }

    /// Counts a request to the host of a key; returns the host's place, which stays valid until `end(at:)`.
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

    /// Notes the end of a request to the host at a place.
    mutating func end(at place: Int) {
        hosts[place].inFlight -= 1
        forgetIfOld(place)
    }

    /// Starts the next generation.
    mutating func renew() {
        let oldest = older
        generation += 1
        (older, newer) = (newer, [])
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
    /// The ways in which a request begins, if it may share a connection.
    enum Opening {
        /// The request starts, and may use an open connection.
        case joins
        /// The request starts, and later requests wait until it has a connection.
        case opens
        /// The request waits for that connection.
        case waits
    }

    /// Returns the way in which a transfer to the host at a place begins, and records the transfer.
    ///
    /// `transfer` is the slot of the transfer, which must be allowed to share a connection.
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

    /// Notes that the connection that transfers wait for was made or has failed.
    ///
    /// - Returns: The slots of the transfers that waited for the connection. These transfers and the transfer
    ///   that they waited for now count as open.
    mutating func opened(at place: Int) -> [Int] {
        let waiting = hosts[place].waiting
        hosts[place].open += 1 + waiting.count
        (hosts[place].isOpening, hosts[place].waiting) = (false, [])
        return waiting
    }

    /// Ends a transfer's wait for a connection to the host at a place; the transfer then counts as open.
    mutating func stopWaiting(_ transfer: Int, at place: Int) {
        hosts[place].waiting.removeAll { $0 == transfer }
        hosts[place].open += 1
    }

    /// Notes the end of a transfer that counted as open.
    mutating func closed(at place: Int) { hosts[place].open -= 1 }
}

/// The keys by which the client identifies hosts.
enum HostHash {
    /// Returns the key of the host in a URL, including the port if the URL's text contains a port.
    ///
    /// The key is a hash that no server can predict (`Hasher`). Two hosts with the same key share one entry;
    /// this does no harm.
    static func key(of url: TargetURL) -> Int {
        var hasher = Hasher()
        let range = url.authority
        unsafe url.text.withUnsafeBytes { bytes in
            unsafe hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
        return hasher.finalize()
    }
}
