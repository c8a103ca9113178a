// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// The hosts that the client has contacted lately, with their generation and their requests in flight.
///
/// Each generation has its own multi handle of libcurl. New hosts go to the newest generation. Hosts of the
/// newest two generations stay in their generation, where their connections may be open. A new request moves
/// an older host to the newest generation. Older hosts without requests in flight are forgotten.
///
/// The place of a host is its index in the table.
struct KnownHosts {
    /// An entry for a host.
    private struct Host {
        let key: Int
        var generation: Int
        var inFlight = 0
        /// The number of requests in flight that may use an open connection.
        var open = 0
        /// True while a transfer in the state `Transfer.Opening.first` has no connection yet; later transfers
        /// wait.
        var isOpening = false
        /// The slots (`Transfer.slot`) of the transfers that wait for the first transfer's connection.
        var waiting: [Int] = []
        /// True if a request that allowed HTTP/2 got a TLS connection of HTTP/1.
        var isHTTP1Only = false
    }

    /// The number of hosts with which the newest generation is full.
    let limit: Int
    /// The newest generation.
    private(set) var generation = 0
    private var hosts: [Host] = []
    private var free: [Int] = []
    private var places: [Int: Int] = [:]
    /// The places of the hosts in the newest generation (`newer`) and in the previous one (`older`).
    private var newer: [Int] = []
    private var older: [Int] = []
    /// The host that was found last, kept because successive requests often go to the same host.
    private var last: (key: Int, place: Int)?

    init(limit: Int) {
        self.limit = limit
    }

    /// The number of known hosts.
    var count: Int { places.count }

    /// Returns the number of requests in flight to the host at a place.
    func inFlight(at place: Int) -> Int { hosts[place].inFlight }

    /// Returns true if requests to the host at a place are limited to HTTP/1.
    func isHTTP1Only(at place: Int) -> Bool { hosts[place].isHTTP1Only }

    /// Limits requests to the host at a place to HTTP/1.
    mutating func limitToHTTP1(at place: Int) { hosts[place].isHTTP1Only = true }

    /// Returns true if the host at a place does not belong to the newest generation.
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
        /// The request waits until an earlier request has a connection.
        case waits
    }

    /// Returns the way in which a transfer to the host at a place begins, and records the transfer.
    ///
    /// `transfer` is the slot of the transfer.
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

    /// Notes that the first transfer has its connection, or has failed.
    ///
    /// - Returns: The slots of the transfers that waited. They and the first transfer now count as open.
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
