// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchRun
import Frontier
import Platform
import SimulationSupport

/// The settings of one run, its input lines and its planned events, which derive from one seed.
struct RunScenario {
    /// The program that gets the tasks.
    enum Fetching: String, CaseIterable {
        /// The bundled fetch worker, which may have several tasks at once and is trusted to send `start`.
        case bundled
        /// A user's command, which has one task at a time (`sequential`) or may have several (`concurrent`).
        case sequential, concurrent
    }

    /// The way in which input arrives.
    enum Input: String, CaseIterable { case atOnce, slow, endless, failing }

    /// The behaviour of the output.
    enum Output: String, CaseIterable { case flows, blocked, slow, breaks, readerLeaves }

    /// The size of the spool's file system; `none` is a quarter of the largest body.
    enum Room: String, CaseIterable { case plenty, little, none }

    let lines: [LinePlan]
    let fetching: Fetching
    let input: Input
    let output: Output
    let room: Room
    /// The times of the SIGINT or SIGTERM signals that the run gets, in nanoseconds.
    let signals: [Int]
    /// The earliest time at which the machine is suspended for an hour, in nanoseconds; `nil` for never.
    let suspendedAt: Int?
    /// The earliest time at which the loop stops for 1.5 to 20 s, in nanoseconds; `nil` for never.
    let stalledAt: Int?
    /// True if no fetch worker can start.
    let cannotFetch: Bool
    /// True if no processing worker can start.
    let cannotProcess: Bool
    /// On average, at most one in this number of starts fails, if the workers of the pool can start at all.
    let badBoots: Int
    /// On average, at most one in this number of workers is killed from outside; `nil` if none is.
    let kills: Int?
    /// On average, one in this number of workers writes unexpected lines.
    let noisy: Int
    /// True if the user's sequential programs send no `hello`.
    let isSilent: Bool
    /// True if the run reads the output of live workers in small pieces.
    let isTorn: Bool
    /// True if some reads of the loop take up to 1.5 s.
    let isSlow: Bool
    /// True if the input is slow, and valid lines fail only because of the network.
    let isCalm: Bool
    let settings: RunSettings

    /// The largest size of a body, in bytes.
    static let largestBody = 40_000

    init(_ random: inout SeededGenerator) {
        isCalm = random.oneIn(8)
        fetching = !isCalm && random.oneIn(5) ? random.pick([.sequential, .concurrent]) : .bundled
        var settings = Self.settings(fetching, &random)
        input =
            isCalm || random.oneIn(4)
            ? .slow : random.oneIn(10) ? .endless : random.oneIn(7) ? .failing : .atOnce
        output =
            isCalm
            ? .flows
            : random.oneIn(6)
                ? .blocked
                : random.oneIn(8)
                    ? .slow
                    : random.oneIn(7) ? .breaks : random.oneIn(7) ? .readerLeaves : .flows
        room = isCalm ? .plenty : random.oneIn(6) ? .little : random.oneIn(5) ? .none : .plenty
        let isEndless = input == .endless
        signals = isCalm ? [] : Self.signals(isEndless, &random)
        // A run with two signals gets no end rules, because an early end would often come before the second
        // signal.
        if !isCalm, signals.count < 2 { Self.addEndRules(to: &settings, random) }
        self.settings = settings
        suspendedAt = !isCalm && random.oneIn(6) ? random.pick(0...60) * 1_000_000 : nil
        stalledAt = !isCalm && random.oneIn(6) ? random.pick(0...60) * 1_000_000 : nil
        cannotFetch = !isCalm && random.oneIn(14)
        cannotProcess = !isCalm && !cannotFetch && random.oneIn(10)
        badBoots = isCalm ? .max : random.pick([4, 10, 40])
        kills = isCalm || random.oneIn(2) ? nil : random.pick([2, 5, 20])
        noisy = isCalm ? .max : random.pick([2, 6, 30])
        isTorn = random.oneIn(4)
        isSilent = fetching == .sequential && random.oneIn(4)
        // A copy of the generator decides, so that this choice does not change the numbers for later choices.
        var copy = random
        isSlow = !isCalm && copy.oneIn(6)
        let count = random.pick(20...330)
        let (rarity, slow) = (isCalm ? Int.max : random.pick([12, 40, 120, 1_000]), random.pick([30, 200]))
        let sizes = random.oneIn(3) ? 2_000 : Self.largestBody
        lines = (0..<count).map { _ in LinePlan.random(rarity, slow, sizes, &random) }
    }

    private static func settings(_ fetching: Fetching, _ random: inout SeededGenerator) -> RunSettings {
        var settings = RunSettings()
        settings.fetch.concurrency = random.oneIn(3) ? 1 : random.pick(2...24)
        settings.fetch.timeout = .seconds(2)
        settings.fetch.maxBodyBytes = largestBody
        settings.taskDeadline = .milliseconds(1_500)
        settings.startDeadline = .milliseconds(random.pick([2_000, 6_000]))
        settings.crashRetries = random.pick(0...2)
        settings.tasksPerWorker = random.oneIn(3) ? random.pick(1...60) : nil
        settings.workerMemoryBytes = random.oneIn(2) ? 64 << 20 : nil
        settings.hostPatience = .seconds(random.pick([1, 3, 3, 60]))
        settings.retry.retries = random.pick([0, 2, 2, 4])
        settings.isQuiet = !random.oneIn(8)
        settings.isVerbose = !settings.isQuiet && random.oneIn(2)
        settings.progress = random.oneIn(8) ? .on : .off
        (settings.workers, settings.fetchers) = (random.pick(1...5), random.pick(1...3))
        if fetching == .bundled {
            settings.processing = random.oneIn(8) ? nil : .bundled("links")
            settings.spoolLimit = random.oneIn(2) ? random.pick(1...20) * 20_000 : 64 << 20
        } else {
            settings.workerCommands = [["theirs"]]
        }
        settings.fetch.keepsCookies = fetching == .bundled && random.oneIn(4)
        // A copy of the generator decides, so that this choice does not change the numbers for later choices.
        var copy = random
        settings.keepsOrder = copy.oneIn(5)
        return settings
    }

    /// Sets at random `failureLimit` and `deadline`, which can end the run early.
    ///
    /// The function has a copy of the generator, so that its choices do not change the numbers for later
    /// choices.
    private static func addEndRules(to settings: inout RunSettings, _ random: SeededGenerator) {
        var copy = random
        if copy.oneIn(7) { settings.failureLimit = .number(copy.pick(0...6)) }
        if copy.oneIn(7) { settings.deadline = .milliseconds(copy.pick(1...300)) }
    }

    private static func signals(_ isEndless: Bool, _ random: inout SeededGenerator) -> [Int] {
        guard isEndless || random.oneIn(8) else { return [] }
        let first = random.pick(0...50) * 1_000_000
        return random.oneIn(2) ? [first] : [first, first + random.pick(0...2_000) * 1_000_000]
    }
}

extension LinePlan {
    /// Returns a random line; the body of its response has at most `size` bytes.
    ///
    /// On average, one line in `rarity` has an unusual behaviour for its fetch, and one in `rarity` for its
    /// processing. On average, one line in `slow` takes 20 ms or more to process.
    static func random(_ rarity: Int, _ slow: Int, _ size: Int, _ random: inout SeededGenerator) -> LinePlan {
        let odd: [Kind] = [.blank, .comment, .notJSON, .badScheme, .badMethod]
        let usual: [Kind] = [.get, .get, .get, .getObject, .getObject, .patientPost, .post]
        let microseconds = random.oneIn(slow) ? random.pick(20_000...300_000) : random.pick(5...400)
        return LinePlan(
            kind: random.oneIn(20) ? random.pick(odd) : random.pick(usual),
            host: random.pick(0...7),
            result: result(size, &random),
            fetching: random.oneIn(rarity) ? random.pick(Behavior.ofFetching) : .work,
            processing: random.oneIn(rarity) ? random.pick(Behavior.ofProcessing) : .work,
            relapses: random.oneIn(3) ? 1 : 1_000,
            nanoseconds: microseconds * 1_000
        )
    }

    private static func result(_ size: Int, _ random: inout SeededGenerator) -> PlannedResult {
        switch random.pick(0...19) {
        case 0: .refusal(status: random.pick([404, 410, 429, 500, 503]))
        case 1: .fault(random.pick([.dns, .connect, .tls, .timeoutTotal, .reset, .tooLarge]))
        case 2: .empty(status: random.pick([204, 301, 304]))
        case 3...10: .page(bytes: random.pick(1...300), isInline: true)
        default: .page(bytes: random.pick(300...size), isInline: false)
        }
    }
}
