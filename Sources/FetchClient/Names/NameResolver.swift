// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// A resolver of host names for the transfers of one client.
///
/// The resolver has a cache, and makes one look-up for all transfers that wait for the same name.
///
/// Times are in milliseconds of a monotonic clock. Only the client's thread uses a resolver.
final class NameResolver {
    /// A finished look-up, with the slots of the transfers that waited, in the order of their requests.
    struct Resolution {
        let name: String
        let known: NameCache.Known
        let slots: [Int]
        /// The time at which the look-up began.
        let start: Int
    }

    private let threads: LookupThreads
    private var cache: NameCache
    /// The slots of the transfers that wait for each name.
    private var waiting: [String: [Int]] = [:]
    /// The number of queued and running look-ups, and of results that were not taken yet.
    private(set) var lookups = 0
    /// True if names waited for a thread at the last check: in a call of `takeResolutions`, or in a call of
    /// `find` that requested a look-up.
    ///
    /// While the value is true, the client calls `takeResolutions` several times a second. Each call starts
    /// threads if the limits allow more threads. The value becomes false when `abandon` cancels the last
    /// look-up.
    private(set) var areNamesWaiting = false

    /// Creates a resolver that calls `lookUp` in a group of threads.
    ///
    /// - Throws: `FetchClientError.events` if the kernel refuses a descriptor.
    init(
        _ limits: NameCache.Limits,
        threads: LookupLimits,
        lookUp: @escaping LookupThreads.Function
    ) throws(FetchClientError) {
        self.threads = try LookupThreads(threads, lookUp: lookUp)
        cache = NameCache(limits)
    }

    /// Ends the threads without waiting for their look-ups.
    deinit { threads.close() }

    /// A descriptor that is readable while `takeResolutions` can return finished look-ups.
    var descriptor: Int32 { threads.descriptor }

    /// Returns the known lookup result for a host, and begins a look-up if one is due.
    ///
    /// Returns `nil` if the transfer in `slot` must wait for `takeResolutions`. If `isRetry` is true, a known
    /// failure is not returned.
    func find(_ name: String, for slot: Int, isRetry: Bool, at now: Int) -> NameCache.Known? {
        let finding = cache.find(name, ignoresFailures: isRetry, at: now)
        if finding.begins {
            lookups += 1
            areNamesWaiting = threads.begin(name, at: now)
        }
        if finding.known == nil { waiting[name, default: []].append(slot) }
        return finding.known
    }

    /// Ends a transfer's wait for a name.
    ///
    /// If no other transfer waits for the name and its look-up has not begun, the look-up is cancelled.
    func abandon(_ name: String, for slot: Int, at now: Int) {
        guard var slots = waiting[name] else { return }
        slots.removeAll { $0 == slot }
        waiting[name] = slots.isEmpty ? nil : slots
        guard slots.isEmpty, threads.withdraw(name) else { return }
        lookups -= 1
        if lookups == 0 { areNamesWaiting = false }
        cache.forgetLookup(of: name, at: now)
    }

    /// Returns the time at which the pending look-up of a name began; `nil` if there is none, or while the
    /// name waits for a thread.
    func start(of name: String) -> Int? { threads.start(of: name) }

    /// Removes and returns the finished look-ups.
    func takeResolutions(at now: Int) -> [Resolution] {
        let (results, areNamesWaiting) = threads.takeResults(at: now)
        self.areNamesWaiting = areNamesWaiting
        return results.map { lookup in
            lookups -= 1
            let known = cache.keep(lookup.result, of: lookup.name, at: now)
            return Resolution(
                name: lookup.name,
                known: known,
                slots: waiting.removeValue(forKey: lookup.name) ?? [],
                start: lookup.start
            )
        }
    }
}

/// A cache of lookup results by host name, which also records the pending look-ups.
///
/// Times are in milliseconds of a monotonic clock. If a name is requested in the last quarter of the
/// lifetime of its addresses, a new look-up begins. Requests do not wait for this look-up. A look-up may give
/// no result for the name, for example because no name server responds. The known addresses then stay in use
/// for at most `Limits.stale` (RFC 8767).
struct NameCache {
    /// The bounds of a cache.
    struct Limits {
        /// The time for which addresses are used; 0 means that no result is kept.
        var lifetime = 60_000
        /// The time for which a name counts as not found, but not longer than `lifetime`.
        var missing = 10_000
        /// The usual time from a look-up that gave no result for the name to the next possible look-up.
        ///
        /// The time can be shorter for a retry, or if `lifetime` is shorter.
        var unreachable = 2_000
        /// The longest time for which addresses are used if later look-ups give no result for the name.
        var stale = 900_000
        /// The number of names above which the oldest names are removed.
        var names = 10_000
    }

    /// A lookup result with a version number that changes whenever the result changes.
    struct Known: Hashable {
        let result: LookupResult
        let version: Int
    }

    /// The result of a search in the cache.
    struct Finding {
        /// The lookup result to use; `nil` if the caller must wait for a look-up.
        var known: Known?
        /// True if the caller must start a look-up.
        var begins = false
    }

    private struct Entry {
        var known: Known?
        /// The time at which the lookup result in `known` was last confirmed.
        var confirmed = 0
        /// The time from which known addresses are looked up again.
        var nextLookup = 0
        /// True while a look-up is pending.
        var isAsked = false
        /// True if the addresses may be used after their lifetime, until a look-up gives a result for the
        /// name.
        var servesOn = false
    }

    private let limits: Limits
    private var entries: [String: Entry] = [:]
    /// The names with their confirmation times, in the order in which the look-ups ended or were cancelled.
    ///
    /// Entries before the index `oldest` are no longer used.
    private var ages: [(name: String, confirmed: Int)] = []
    private var oldest = 0
    private var version = 0

    init(_ limits: Limits = Limits()) { self.limits = limits }

    /// The number of names in the cache.
    var count: Int { entries.count }
    /// The number of entries in the list of confirmation times.
    var ageCount: Int { ages.count }

    /// Searches for a name, and records a look-up that must begin.
    ///
    /// If `ignoresFailures` is true, as for a retry, a known failure is not returned.
    mutating func find(_ name: String, ignoresFailures: Bool = false, at now: Int) -> Finding {
        guard var entry = entries[name] else {
            entries[name] = Entry(isAsked: true)
            return Finding(begins: true)
        }
        var finding = Finding()
        if let known = entry.known, mayUse(known, of: entry, ignoresFailures: ignoresFailures, at: now) {
            finding.known = known
            // While a known failure is in use, the name is not looked up again.
            if known.result.failure != nil || now < entry.nextLookup { return finding }
        }
        guard !entry.isAsked else { return finding }
        finding.begins = true
        (entry.isAsked, entry.servesOn) = (true, finding.known != nil)
        entries[name] = entry
        return finding
    }

    private func mayUse(_ known: Known, of entry: Entry, ignoresFailures: Bool, at now: Int) -> Bool {
        let age = now - entry.confirmed
        if known.result.failure != nil { return !ignoresFailures && age < time(of: known.result) }
        return age < limits.lifetime || entry.servesOn && age < limits.stale
    }

    /// Stores the result of a look-up; returns the result that waiting transfers must use.
    mutating func keep(_ result: LookupResult, of name: String, at now: Int) -> Known {
        var entry = entries[name] ?? Entry()
        entry.isAsked = false
        defer { trim(at: now) }
        var known = Known(result: result, version: version)
        if let old = entry.known, serves(old, of: entry, in: result, at: now) {
            (known, entry.servesOn, entry.nextLookup) = (old, true, now + limits.unreachable)
        } else if limits.lifetime > 0, let old = entry.known, old.result == result {
            (known, entry.servesOn) = (old, false)
            (entry.confirmed, entry.nextLookup) = (now, now + limits.lifetime / 4 * 3)
        } else {
            version += 1
            known = Known(result: result, version: version)
            entry = Entry(known: known, confirmed: now, nextLookup: now + limits.lifetime / 4 * 3)
        }
        entries[name] = limits.lifetime > 0 ? entry : nil
        if limits.lifetime > 0 { ages.append((name, entry.confirmed)) }
        return known
    }

    /// Returns true if the old addresses stay in use because the new look-up gave no result for the name.
    private func serves(_ old: Known, of entry: Entry, in result: LookupResult, at now: Int) -> Bool {
        guard let failure = result.failure, !failure.isOfTheName else { return false }
        return old.result.failure == nil && now - entry.confirmed < limits.stale
    }

    /// Notes that a look-up was cancelled.
    mutating func forgetLookup(of name: String, at now: Int) {
        guard let entry = entries[name] else { return }
        guard let known = entry.known, isKept(known, of: entry, at: now) else {
            entries[name] = nil
            return
        }
        entries[name]?.isAsked = false
        // During the look-up, `trim` may have dropped the name's earlier entry in `ages`.
        ages.append((name, entry.confirmed))
        trim(at: now)
    }

    /// Returns true if a known lookup result may still be used, at least while later look-ups give no result.
    private func isKept(_ known: Known, of entry: Entry, at now: Int) -> Bool {
        let time = known.result.failure == nil ? max(limits.lifetime, limits.stale) : time(of: known.result)
        return now - entry.confirmed < time
    }

    private func time(of result: LookupResult) -> Int {
        guard let failure = result.failure else { return limits.lifetime }
        return min(failure.isOfTheName ? limits.missing : limits.unreachable, limits.lifetime)
    }

    /// Removes expired names, and the oldest names if there are too many.
    private mutating func trim(at now: Int) {
        while oldest < ages.count {
            let (name, confirmed) = ages[oldest]
            if let entry = entries[name], let known = entry.known, entry.confirmed == confirmed,
                !entry.isAsked
            {
                if isKept(known, of: entry, at: now), entries.count <= limits.names { break }
                entries[name] = nil
            }
            oldest += 1
        }
        if oldest > ages.count / 2 {
            ages.removeFirst(oldest)
            oldest = 0
        } else if ages.count - oldest > 4 * limits.names {
            // The loop above stops at the first valid entry of `ages`. Outdated entries may follow it. While
            // no name server responds, each look-up of a name also adds an entry that equals the name's
            // previous entry.
            var seen: Set<String> = []
            ages = ages[oldest...].reversed().filter {
                entries[$0.name]?.confirmed == $0.confirmed && seen.insert($0.name).inserted
            }.reversed()
            oldest = 0
        }
    }
}

/// A host name, and its addresses once they are known.
struct NamedHost {
    let name: String
    /// The port of the URL.
    let port: UInt16
    /// The result of the look-up; `nil` while the name is being looked up.
    var known: NameCache.Known?
}

extension TargetURL {
    /// The name that the client looks up for this URL; `nil` if libcurl handles the host itself.
    ///
    /// libcurl handles addresses, `localhost` and the names below `localhost`. libcurl also handles names
    /// with unusual characters, which may have a meaning in CURLOPT_RESOLVE. The name is in lower case and
    /// keeps a trailing dot.
    var lookedUpName: String? {
        let range = hostRange
        guard !range.isEmpty, text[range.lowerBound] != UInt8(ascii: "-") else { return nil }
        // Only a host that ends in a digit or stands in brackets can be an address.
        let last = text[range.upperBound - 1]
        if 0x30...0x39 ~= last || text[range.lowerBound - 1] == UInt8(ascii: "[") {
            guard IPAddress(reading: text.span.extracting(range)) == nil else { return nil }
        }
        for index in range where !Self.isOfName(text[index]) { return nil }
        let host = host
        return host == "localhost" || host.hasSuffix(".localhost") ? nil : host
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x61...0x7A, 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: false
        }
    }
}
