// SPDX-License-Identifier: MIT
// fetchpool

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
