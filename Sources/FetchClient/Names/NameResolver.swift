// SPDX-License-Identifier: MIT
// fetchpool

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
