// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire

// The rule for runs that keep cookies (`FetchSettings.keepsCookies`). A fetch sets the cookie of its line. If
// line A has its record before line B is added to the input, the worker that fetches B must know the cookie
// of A.

extension RunLedger {
    /// The cookies that workers know, and the lines that have set a cookie.
    struct Session {
        /// The lines whose cookies each worker knows, by process id.
        var known: [Int32: Set<Int>] = [:]
        /// The lines whose cookie was set before their record was written, with the times of their records in
        /// nanoseconds.
        var recorded: [(line: Int, time: Int)] = []
        /// The lines that have set a cookie and have no record yet.
        var pending: Set<Int> = []
    }

    /// Returns the cookie of a line, in the text form that messages between processes use.
    static func cookie(of line: Int) -> String { "c\(line).test\tFALSE\t/\tFALSE\t0\tc\t1" }

    /// Notes that a worker has sent the cookie of a line.
    func handedOver(_ line: Int, by process: FakeProcess) {
        session.known[process.pid, default: []].insert(line)
        if lines[line].outcome == nil { session.pending.insert(line) }
        world.tally.note(.cookie)
    }

    /// Notes the cookies that a worker gets from the coordinator.
    func told(_ message: CoordinatorMessage, _ text: [UInt8], to process: FakeProcess) {
        var cookies: [Cookie] = []
        switch message {
        case .initialize(_, let config?, _):
            var fetch = FetchSettings()
            try? fetch.apply(config, of: text.span)
            cookies = fetch.cookies
        case .cookies(let texts):
            cookies = WireCookies.cookies(in: texts)
            world.tally.note(.toldCookies)
        default: return
        }
        let known = cookies.compactMap { Int($0.domain.dropFirst().prefix { $0 != "." }) }
        session.known[process.pid, default: []].formUnion(known)
    }

    /// Notes that a line has its record.
    func recorded(_ line: Int) {
        guard session.pending.remove(line) != nil else { return }
        session.recorded.append((line, world.real))
    }

    /// Checks that the worker of `line` knows the cookies of the lines that had a record before `line` was
    /// added to the input.
    func checkCookies(of line: Int, in process: FakeProcess) {
        let known = session.known[process.pid] ?? []
        for (other, time) in session.recorded where time < lines[line].handedAt {
            world.require(
                known.contains(other),
                "line \(line) goes to \(process.name), which does not know the cookie of line \(other)"
            )
        }
    }
}
