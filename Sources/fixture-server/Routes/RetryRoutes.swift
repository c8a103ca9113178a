// SPDX-License-Identifier: MIT
// fetchpool

/// The routes `/retry-after/S[/K[/KEY]]`, `/retry-at/S[/K[/KEY]]` and `/storm[/N[/S[/KEY]]]`: refusals with a
/// time for the next attempt.
enum RetryRoutes {
    static var all: [String: Route] {
        [
            "retry-after": { request, site in retryAfter(request, site) },
            "retry-at": { request, site in retryAt(request, site) },
            "storm": { request, site in storm(request, site) },
        ]
    }

    /// The largest number of seconds: about 32 years, so that tests can use distant dates.
    private static let maxSeconds = 1_000_000_000

    /// Refuses requests with 429 and S as the value of `Retry-After`; S may be any text that is not empty.
    private static func retryAfter(_ request: Request, _ site: Site) -> Reply {
        guard let value = request.parameters.first?.percentDecoded, !value.isEmpty else {
            return .usage("/retry-after/S or /retry-after/S/K or /retry-after/S/K/KEY")
        }
        return refused(request, site, 429, value)
    }

    /// Refuses requests with 503 and a date in `Retry-After`, S seconds from now.
    ///
    /// A negative S gives a date in the past.
    private static func retryAt(_ request: Request, _ site: Site) -> Reply {
        guard let seconds = request.parameters.first.flatMap({ Int($0) }),
            -maxSeconds...maxSeconds ~= seconds
        else {
            return .usage("/retry-at/S or /retry-at/S/K or /retry-at/S/K/KEY with S from -10⁹ to 10⁹")
        }
        return refused(request, site, 503, HTTPDate.text(ProcessSetup.secondsSince1970() + seconds))
    }

    /// Refuses the first K requests for a path; without K, refuses all.
    private static func refused(_ request: Request, _ site: Site, _ status: Int, _ value: String) -> Reply {
        guard let times = request.number(1, upTo: Int.max, standard: Int.max) else {
            return .usage("/\(request.firstSegment)/S/K/KEY with a number of refusals K")
        }
        let before = site.timesAskedBefore(request)
        return before < times ? refusal(status, value) : .text("Earlier requests for this path: \(before).\n")
    }

    /// Refuses each N-th request for a path, with 429 and S as the value of `Retry-After`.
    ///
    /// The default of N is 3, and the default of S is 1. Each path has its own count. URLs that differ only
    /// in the query share the count.
    private static func storm(_ request: Request, _ site: Site) -> Reply {
        guard let every = request.number(0, upTo: 1_000_000, standard: 3), every > 0,
            let seconds = request.number(1, upTo: maxSeconds, standard: 1)
        else { return .usage("/storm/N/S or /storm/N/S/KEY") }
        let number = site.timesAskedBefore(request) + 1
        return number % every == 0 ? refusal(429, String(seconds)) : .text("A lull in the storm.\n")
    }

    private static func refusal(_ status: Int, _ retryAfter: String) -> Reply {
        var reply = Reply.text("Come again: \(retryAfter).\n", status: status)
        reply.fields.append(HeaderField(name: "Retry-After", value: retryAfter))
        return reply
    }
}
