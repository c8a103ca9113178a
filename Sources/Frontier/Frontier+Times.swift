// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
import Platform

/// A host, and the time that its fetches have taken.
package struct HostTime: Hashable, Sendable {
    /// The name and port of the host.
    package var host: HostKey
    /// The sum of the known times of all ended fetches of the host, in microseconds; an estimate if the
    /// frontier has forgotten the host (`HostRules.mostIdleHosts`).
    package var microseconds: Int
    /// The largest number of microseconds by which `microseconds` can be too large; 0 if the frontier has
    /// never forgotten the host.
    package var excess: Int
}

extension Frontier {
    /// Returns up to `count` hosts whose fetches have taken the most time, longest time first.
    ///
    /// Hosts whose known times sum to 0 are left out.
    package func slowestHosts(_ count: Int) -> [HostTime] {
        var times: [HostKey: HostTime] = [:]
        for entry in hosts.forgotten.entries {
            times[entry.key] = HostTime(host: entry.key, microseconds: entry.sum, excess: entry.excess)
        }
        for number in hosts.indices.dropFirst() {
            let spent = hosts[number].fetchMicroseconds
            guard spent > 0 else { continue }
            let host = hosts[number].key
            times[host, default: HostTime(host: host, microseconds: 0, excess: 0)].microseconds += spent
        }
        let sorted = times.values.sorted { ($1.microseconds, $0.host.name) < ($0.microseconds, $1.host.name) }
        return Array(sorted.prefix(count))
    }
}
