// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// The addresses that one multi handle of libcurl was given, which it keeps until it is told otherwise (CURLOPT_RESOLVE).
///
/// A host that is asked again and again is given once. The handle takes what a transfer brings when that transfer begins, so until
/// the next turn of the loop others cannot rely on it. Few hosts stay given, for libcurl walks all after each transfer.
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

    /// Prepares for so many transfers at a time.
    init(concurrency: Int) { maxHosts = max(4 * concurrency, 64) }

    /// The number of hosts that the handle keeps.
    var count: Int { given.count }

    /// Notes that all transfers that were added have begun.
    mutating func endTurn() { turn += 1 }

    /// The lines of CURLOPT_RESOLVE that a transfer has to bring; none if the handle knows the addresses.
    mutating func lines(for host: NamedHost) -> [String] {
        guard let known = host.known, case .addresses(let addresses) = known.answer else { return [] }
        var lines: [String] = []
        var text = ""
        uses += 1
        for port in host.ports {
            let place = Place(name: host.name, port: port)
            if let last = given[place], last.version == known.version, last.turn < turn {
                // Noted now and then, so that the oldest half has none that is in use.
                if uses - last.lastUse > maxHosts / 8 { given[place]?.lastUse = uses }
                continue
            }
            if text.isEmpty { text = addresses.map(Self.text).joined(separator: ",") }
            lines.append("\(host.name):\(port):\(text)")
            given[place] = Given(version: known.version, turn: turn, lastUse: uses)
        }
        if given.count > maxHosts { removeOldest(into: &lines) }
        return lines
    }

    /// Takes back the half that was not used for longest.
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
