// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// A table of the addresses that one multi handle of libcurl got with CURLOPT_RESOLVE.
///
/// libcurl keeps the addresses until a line of CURLOPT_RESOLVE removes them, so later transfers need not
/// pass the addresses again. The handle reads a transfer's lines when the transfer begins. Other transfers
/// can use the addresses from the next turn of the loop on. The number of hosts is limited, because libcurl
/// scans all hosts after each transfer.
struct GivenNames {
    private struct Place: Hashable {
        let name: String
        let port: UInt16
    }

    private struct Given {
        var version: Int
        var turn: Int
        var lastUse: Int
    }

    private let maxHosts: Int
    private var given: [Place: Given] = [:]
    private var turn = 0
    private var uses = 0

    /// Creates a table for at most `concurrency` transfers at a time.
    init(concurrency: Int) { maxHosts = max(4 * concurrency, 64) }

    /// The number of hosts that the handle keeps.
    var count: Int { given.count }

    /// Notes that libcurl has begun all transfers added so far.
    mutating func endTurn() { turn += 1 }

    /// Returns the lines of CURLOPT_RESOLVE that a transfer must pass to libcurl.
    ///
    /// There are no lines if the handle has the current addresses, or if `host` has no known addresses.
    mutating func lines(for host: NamedHost) -> [String] {
        guard let known = host.known, case .addresses(let addresses) = known.result else { return [] }
        uses += 1
        let place = Place(name: host.name, port: host.port)
        if let last = given[place], last.version == known.version, last.turn < turn {
            // `lastUse` need not be exact: a host that was just used is never in the half that is removed.
            if uses - last.lastUse > maxHosts / 8 { given[place]?.lastUse = uses }
            return []
        }
        let text = addresses.map(Self.text).joined(separator: ",")
        var lines = ["\(host.name):\(host.port):\(text)"]
        given[place] = Given(version: known.version, turn: turn, lastUse: uses)
        if given.count > maxHosts { removeOldest(into: &lines) }
        return lines
    }

    /// Removes the least recently used half of the hosts, and adds lines that remove these hosts in libcurl.
    private mutating func removeOldest(into lines: inout [String]) {
        let places = given.sorted { $0.value.lastUse < $1.value.lastUse }
        for (place, _) in places.prefix(places.count - maxHosts / 2) {
            given[place] = nil
            lines.append("-\(place.name):\(place.port)")
        }
    }

    private static func text(_ address: IPAddress) -> String {
        if case .v6 = address { "[\(address)]" } else { address.description }
    }
}
