// SPDX-License-Identifier: MIT
// fetchpool

/// Makes lists of URLs; each run gets the same lists.
enum CrawlList {
    /// A random number generator (SplitMix64) with a fixed default seed.
    struct Chance: RandomNumberGenerator {
        var state: UInt64 = 7

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }

    /// Returns the URLs of all pages; every host has `each` pages.
    ///
    /// The first pages of all hosts come first, then the second pages, and so on.
    static func pages(hosts: Int, each: Int, _ url: (_ host: Int, _ page: Int) -> String) -> [String] {
        (0..<each).flatMap { page in (0..<hosts).map { url($0, page) } }
    }

    /// Returns the lines in a random order, which is the same in each run.
    static func shuffled(_ lines: [String]) -> [String] {
        var chance = Chance()
        return lines.shuffled(using: &chance)
    }

    /// Returns the URLs of `count` pages in a random order, and the number of pages whose host names resolve.
    ///
    /// For 2 % of the pages, the name server does not respond. For 2.5 %, the host name does not exist.
    static func withDeadNames(_ count: Int) -> (lines: [String], alive: Int) {
        let (silent, gone) = (count / 50, count / 40)
        let alive = count - silent - gone
        let hosts = max(1, count * 4 / 5 - silent / 5 - gone / 5)
        let lines =
            (0..<silent).map { CrawlServers.plain("silent\($0 / 5)", $0) }
            + (0..<gone).map { CrawlServers.plain("gone\($0 / 5)", $0) }
            + (0..<alive).map { CrawlServers.plain("alive\($0 % hosts)", $0) }
        return (shuffled(lines), alive)
    }

    /// Returns the URLs of `count` pages on about `count` / 3 hosts, and the number of pages that succeed.
    ///
    /// About 5 % of the pages always get the status 429 with `Retry-After: 1`. For about 2 %, the server
    /// always resets the connection. The other pages succeed: on about 20 % of the hosts after 1 to 3 s, and
    /// on the other hosts without a delay. The sizes of the pages without a delay follow a Pareto
    /// distribution from 4 KB to 5 MB.
    static func mixed(_ count: Int) -> (lines: [String], good: Int) {
        var chance = Chance()
        let hosts = max(5, count / 3)
        var good = 0
        let lines = (0..<count).map { page in
            let host = Int.random(in: 0..<hosts, using: &chance)
            func url(_ path: String) -> String { CrawlServers.moody("mixed\(host)", "\(path)?\(page)") }
            let share = Double.random(in: 0..<1, using: &chance)
            if share < 0.05 { return url("retry-after/1") }
            if share < 0.07 { return url("reset") }
            good += 1
            if host % 5 == 0 { return url("delay/\(Int.random(in: 1_000...3_000, using: &chance))") }
            let size = 4_096 / max(Double.random(in: 0..<1, using: &chance), 0.000_001)
            return url("bytes/\(Int(min(size, 5_000_000)))")
        }
        return (lines, good)
    }

    /// Returns the URLs of `count` pages on at most 500 hosts; each response takes 50 to 300 ms.
    static func slow(_ count: Int) -> [String] {
        var chance = Chance()
        return (0..<count).map { page in
            let delay = Int.random(in: 50...300, using: &chance)
            return CrawlServers.addressed(page % 500, "delay/\(delay)?\(page)")
        }
    }
}
