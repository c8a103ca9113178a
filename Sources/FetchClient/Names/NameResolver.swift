// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// The addresses of host names for the transfers of one client: from the cache, or by one look-up for all that wait for a name.
///
/// Times are in milliseconds of a monotonic clock. Only the client's thread uses it.
final class NameResolver {
    /// An answer for the transfers that waited for it, in the order in which they asked.
    struct Answer {
        let name: String
        let known: NameCache.Known
        let slots: [Int]
    }

    private let threads: LookupThreads
    private var cache: NameCache
    /// The transfers that wait for each name, by their slots.
    private var waiting: [String: [Int]] = [:]
    /// Look-ups that have begun and not ended.
    private(set) var lookups = 0

    /// Prepares for look-ups by `lookUp` in at most so many threads.
    ///
    /// - Throws: `FetchClientError.events` if the kernel gives no descriptor.
    init(
        _ limits: NameCache.Limits,
        maxThreads: Int,
        lookUp: @escaping LookupThreads.Function
    ) throws(FetchClientError) {
        threads = try LookupThreads(maxThreads: maxThreads, lookUp: lookUp)
        cache = NameCache(limits)
    }

    /// Waits for no look-up.
    deinit { threads.close() }

    /// Polls readable while there are answers to take.
    var descriptor: Int32 { threads.descriptor }

    /// Asks for the addresses of a host, for the transfer of a slot; nil if the answer will come by `takeAnswers`.
    func find(_ name: String, for slot: Int, isRetry: Bool, at now: Int) -> NameCache.Known? {
        let finding = cache.find(name, ignoresFailures: isRetry, at: now)
        if finding.begins {
            lookups += 1
            threads.begin(name)
        }
        if finding.known == nil { waiting[name, default: []].append(slot) }
        return finding.known
    }

    /// Takes back what a transfer asked for: the look-up goes on, unless it has not begun and nobody else waits for it.
    func abandon(_ name: String, for slot: Int) {
        guard var slots = waiting[name] else { return }
        slots.removeAll { $0 == slot }
        waiting[name] = slots.isEmpty ? nil : slots
        guard slots.isEmpty, threads.withdraw(name) else { return }
        lookups -= 1
        cache.forgetLookup(of: name)
    }

    /// Takes the answers that have come.
    func takeAnswers(at now: Int) -> [Answer] {
        threads.takeResults().map { result in
            lookups -= 1
            let known = cache.keep(result.answer, of: result.name, at: now)
            return Answer(
                name: result.name,
                known: known,
                slots: waiting.removeValue(forKey: result.name) ?? []
            )
        }
    }
}

/// The answers of look-ups by host name, each for a time, and which names are being looked up.
///
/// Pure; times are in milliseconds of a monotonic clock. Addresses that are in use are asked for again before their time ends, and
/// serve on while that look-up lasts or finds no name server (RFC 8767), so that a host that is asked all the time is never waited
/// for, and a name server that is silent for some minutes does no harm to it.
struct NameCache {
    /// The bounds of a cache.
    struct Limits {
        /// The time for which addresses are used; 0 keeps no answer at all.
        var lifetime = 60_000
        /// The time for which a name counts as not found.
        var missing = 10_000
        /// The time after a look-up that found no name server, for which it is not begun again.
        var unreachable = 2_000
        /// The time for which addresses are used at most where no name server tells newer ones.
        var stale = 900_000
        /// Names that are kept.
        var names = 10_000
    }

    /// Addresses, and a number that differs wherever they do.
    struct Known: Hashable {
        let answer: LookupAnswer
        let version: Int
    }

    /// The last answer of a name, and whether a look-up has to begin.
    struct Finding {
        /// The last answer, if it may be used; nil if the end of a look-up is to be waited for.
        var known: Known?
        /// True if a look-up has to be begun.
        var begins = false
    }

    private struct Entry {
        var known: Known?
        /// The time at which the last look-up that counts ended.
        var answered = 0
        /// The time at which the next may begin.
        var nextLookup = 0
        /// A look-up has begun and not ended.
        var isAsked = false
        /// The addresses serve until that look-up has ended, or the next, where none found a name server.
        var servesOn = false
    }

    private let limits: Limits
    private var entries: [String: Entry] = [:]
    /// The names that are kept, oldest answer first from `oldest` on; those answered anew stand here twice.
    private var ages: [(name: String, answered: Int)] = []
    private var oldest = 0
    private var version = 0

    init(_ limits: Limits = Limits()) { self.limits = limits }

    /// The number of names of which anything is known.
    var count: Int { entries.count }
    /// The number of answers by which the oldest names are found.
    var ageCount: Int { ages.count }

    /// Finds a name, and notes that its look-up begins where one has to.
    ///
    /// A task that is tried again after a failure has no use for failures that are known.
    mutating func find(_ name: String, ignoresFailures: Bool = false, at now: Int) -> Finding {
        guard var entry = entries[name] else {
            entries[name] = Entry(isAsked: true)
            return Finding(begins: true)
        }
        var finding = Finding()
        if let known = entry.known, mayUse(known, of: entry, ignoresFailures: ignoresFailures, at: now) {
            finding.known = known
            // A failure is not asked about before its time.
            if known.answer.failure != nil || now < entry.nextLookup { return finding }
        }
        guard !entry.isAsked else { return finding }
        finding.begins = true
        (entry.isAsked, entry.servesOn) = (true, finding.known != nil)
        entries[name] = entry
        return finding
    }

    private func mayUse(_ known: Known, of entry: Entry, ignoresFailures: Bool, at now: Int) -> Bool {
        let age = now - entry.answered
        if known.answer.failure != nil { return !ignoresFailures && age < time(of: known.answer) }
        return age < limits.lifetime || entry.servesOn && age < limits.stale
    }

    /// Notes the end of a look-up; returns what those that waited for it are to use.
    mutating func keep(_ answer: LookupAnswer, of name: String, at now: Int) -> Known {
        var entry = entries[name] ?? Entry()
        entry.isAsked = false
        defer { trim(at: now) }
        var known = Known(answer: answer, version: version)
        if let old = entry.known, serves(old, of: entry, in: answer, at: now) {
            (known, entry.servesOn, entry.nextLookup) = (old, true, now + limits.unreachable)
        } else if limits.lifetime > 0, let old = entry.known, old.answer == answer {
            (known, entry.servesOn) = (old, false)
            (entry.answered, entry.nextLookup) = (now, now + limits.lifetime / 4 * 3)
        } else {
            version += 1
            known = Known(answer: answer, version: version)
            entry = Entry(known: known, answered: now, nextLookup: now + limits.lifetime / 4 * 3)
        }
        entries[name] = limits.lifetime > 0 ? entry : nil
        if limits.lifetime > 0 { ages.append((name, entry.answered)) }
        return known
    }

    /// True if addresses are used in place of a newer answer, which no name server gave.
    private func serves(_ old: Known, of entry: Entry, in answer: LookupAnswer, at now: Int) -> Bool {
        guard let failure = answer.failure, !failure.isOfTheName else { return false }
        return old.answer.failure == nil && now - entry.answered < limits.stale
    }

    /// Notes that a look-up was taken back.
    mutating func forgetLookup(of name: String) {
        guard let entry = entries[name] else { return }
        if entry.known == nil { entries[name] = nil } else { entries[name]?.isAsked = false }
    }

    private func time(of answer: LookupAnswer) -> Int {
        guard let failure = answer.failure else { return limits.lifetime }
        return min(failure.isOfTheName ? limits.missing : limits.unreachable, limits.lifetime)
    }

    /// Forgets names of too long ago, and the oldest where there are too many.
    private mutating func trim(at now: Int) {
        while oldest < ages.count {
            let (name, answered) = ages[oldest]
            if let entry = entries[name], let known = entry.known, entry.answered == answered, !entry.isAsked
            {
                let isKept = now - answered < (entry.servesOn ? limits.stale : time(of: known.answer))
                if isKept, entries.count <= limits.names { break }
                entries[name] = nil
            }
            oldest += 1
        }
        if oldest > ages.count / 2 {
            ages.removeFirst(oldest)
            oldest = 0
        } else if ages.count - oldest > 4 * limits.names {
            // Names that were answered anew many times, behind one that is kept for long.
            ages = ages[oldest...].filter { entries[$0.name]?.answered == $0.answered }
            oldest = 0
        }
    }
}

/// A host by its name, and its addresses once they are known.
struct NamedHost {
    let name: String
    /// The ports to which the addresses are given to libcurl.
    let ports: [UInt16]
    /// The addresses; nil as long as they are looked up.
    var known: NameCache.Known?
}

extension TargetURL {
    /// The name to look up for this URL; nil where there is none: for an address, and for `localhost` and names below it, which are this
    /// machine whatever a name server says (RFC 6761 §6.3).
    ///
    /// In lower case, and with the dot at the end of a full name, if there is one: as libcurl looks it up. A name that begins with a
    /// hyphen is left to libcurl, since a line of CURLOPT_RESOLVE that begins so takes a name back.
    var lookedUpName: String? {
        let range = hostRange
        guard !range.isEmpty, text[range.lowerBound] != UInt8(ascii: "-") else { return nil }
        // The last label of a name is no number, so only an address ends so, but for names such as `host1`; an
        // IPv6 address may end in a letter.
        let last = text[range.upperBound - 1]
        if 0x30...0x39 ~= last || text[range.lowerBound - 1] == UInt8(ascii: "[") {
            guard IPAddress(reading: text.span.extracting(range)) == nil else { return nil }
        }
        let host = host
        return host == "localhost" || host.hasSuffix(".localhost") ? nil : host
    }
}
