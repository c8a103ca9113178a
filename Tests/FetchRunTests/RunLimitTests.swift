// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import Testing

@testable import FetchRun

/// Tests of the limit of a run's speed (`RunLoad.limit`), and of the limit that is shown (`LimitWatch`).
@Suite struct RunLimitTests {
    /// Returns the load of a run whose two fetch workers can take more tasks, and whose input has not ended;
    /// `change` changes the load.
    private static func load(_ change: (inout RunLoad) -> Void = { _ in }) -> RunLoad {
        var load = RunLoad()
        load.fetching = RunLoad.Pool(isReady: true, workers: 2, busy: 2, inFlight: 8)
        change(&load)
        return load
    }

    private static func text(_ change: (inout RunLoad) -> Void) -> String? { load(change).limit?.texts.first }

    @Test func aRunThatCanBeginAFetchHasNoLimit() {
        #expect(Self.load().limit == nil)
    }

    @Test func workersThatHaveNotStartedAreTheLimit() {
        #expect(Self.text { $0.fetching.isReady = false } == "workers to start")
    }

    @Test func theNetworkIsTheLimitIfFetchWorkersTakeNoMoreTasks() {
        let load = Self.load { ($0.fetching.isFull, $0.fetching.inFlight) = (true, 64) }
        #expect(load.limit?.kind == .network)
        #expect(load.limit?.texts == ["the network (64 fetches in flight)", "the network"])
        let one = Self.text { ($0.fetching.isFull, $0.fetching.inFlight) = (true, 1) }
        #expect(one == "the network (1 fetch in flight)")
    }

    @Test func fullWorkersOfTheUserAreNamedInsteadOfTheNetwork() {
        let text = Self.text { ($0.fetching.isFull, $0.onlyFetches) = (true, false) }
        #expect(text == "the workers (2 of 2 busy)")
    }

    @Test func processingIsTheLimitIfResponsesWaitForBusyProcessorsOrFillTheSpool() {
        func load(busy: Int, waiting: Int, isSpoolFull: Bool = false) -> RunLoad {
            Self.load {
                $0.processing = RunLoad.Pool(isReady: true, workers: 4, busy: busy, inFlight: busy)
                ($0.waitingResponses, $0.isSpoolFull, $0.fetching.isFull) = (waiting, isSpoolFull, true)
            }
        }
        #expect(load(busy: 4, waiting: 1).limit?.kind == .processing)
        #expect(load(busy: 4, waiting: 0).limit?.kind == .network)
        #expect(load(busy: 3, waiting: 2).limit?.kind == .network)
        let full = load(busy: 3, waiting: 120, isSpoolFull: true).limit
        #expect(full?.texts.first == "processing (3 of 4 workers busy, 120 responses wait)")
        let estimated = load(busy: 0, waiting: 0, isSpoolFull: true).limit
        #expect(estimated?.texts.first?.hasPrefix("space in the spool (") == true)
        #expect(load(busy: 4, waiting: 1).limit?.texts[1] == "processing (1 response waits)")
    }

    @Test(
        arguments: [
            (RunLoad.Host(name: "a.example:80", inFlight: 8), "a.example:80 (8 at a time)"),
            (RunLoad.Host(name: "a:1", inFlight: 2, others: 1), "a:1 and 1 other host (2 at a time)"),
            (RunLoad.Host(name: "a:1", inFlight: 2, others: 7), "a:1 and 7 other hosts (2 at a time)"),
            (RunLoad.Host(name: "a:1", wait: 12_400_000_000), "a:1 (left alone for 12 s)"),
            (RunLoad.Host(name: "a:1", wait: 2_000_000_000, rate: 0.5), "a:1 (0.50 requests/s)"),
            (
                RunLoad.Host(name: "a:1", inFlight: 1, isSilent: true),
                "a:1 (no response, one request at a time)"
            ),
            (RunLoad.Host(name: "a:1", wait: 300_000_000, retries: 3), "a:1 (3 retries)"),
            (RunLoad.Host(name: "a:1", wait: 300_000_000, retries: 1), "a:1 (1 retry)"),
        ]
    )
    func aHostThatHoldsTheRunBackIsNamed(host: RunLoad.Host, words: String) {
        let limit = Self.load { ($0.host, $0.isFrontierEmpty) = (host, false) }.limit
        #expect(limit?.kind == .host)
        #expect(limit?.host == host.name)
        #expect(limit?.texts == [words, host.name])
    }

    @Test func fullFetchWorkersAreNamedInsteadOfAHost() {
        let limit = Self.load { ($0.host, $0.fetching.isFull) = (RunLoad.Host(name: "a:1"), true) }.limit
        #expect(limit?.kind == .network)
    }

    @Test func aFullOutputIsNamedInsteadOfFullFetchWorkers() {
        let limit = Self.load { ($0.isOutputFull, $0.fetching.isFull) = (true, true) }.limit
        #expect(limit?.kind == .output)
    }

    @Test func anInputThatHasNotComeIsTheLimit() {
        #expect(Self.text { $0.isInputAwaited = true } == "the input")
    }

    @Test(
        arguments: [
            (1, 0, 12.4, "the last fetch for 12 s"), (1, 0, 0.9, "the last fetch"),
            (3, 2, 1.0, "the last 3 fetches and 2 in processing, the longest for 1 s"),
            (0, 1, 61, "the last task, in processing for 61 s"), (2, 0, 0.9, "the last 2 fetches"),
            (0, 0, 5, nil),
        ] as [(Int, Int, Double, String?)]
    )
    func atTheEndTheLastTasksAreTheLimit(fetches: Int, processed: Int, seconds: Double, words: String?) {
        let load = Self.load {
            ($0.isInputRead, $0.fetching.inFlight) = (true, fetches)
            $0.fetching.longest = Int(seconds * 1e9)
            $0.processing = RunLoad.Pool(isReady: true, workers: 4, busy: processed, inFlight: processed)
        }
        #expect(load.limit?.texts.first == words)
        #expect(words == nil || load.limit?.kind == .lastTasks)
    }

    @Test func anEndingRunWaitsOnlyForItsLastTasks() {
        let limit = Self.load { ($0.isEnding, $0.isOutputFull) = (true, true) }.limit
        #expect(limit?.kind == .ending)
        #expect(limit?.texts.first == "the last 8 fetches")
    }

    @Test func ifTheLimitChangesOftenTheMostFrequentLimitIsShown() {
        var watch = LimitWatch()
        #expect(watch.limit == nil)
        let now = PoolTime(nanoseconds: 0)
        watch.note(RunLimit(.network, "the network (1)"), at: now)
        #expect(watch.limit?.kind == .network)
        for number in 2...10 {
            watch.note(
                number % 3 == 0
                    ? RunLimit(.input, "the input") : RunLimit(.network, "the network (\(number))"),
                at: now
            )
        }
        #expect(watch.limit?.texts == ["the network (10)"])
        for _ in 1...6 { watch.note(nil, at: now) }
        #expect(watch.limit == nil)
        for _ in 1...6 { watch.note(RunLimit(.input, "the input"), at: now) }
        #expect(watch.limit?.kind == .input)
    }

    /// Without a progress display, there can be minutes between two calls of `note`.
    @Test func onlyTheLimitsOfTheLastTwoSecondsCount() {
        var watch = LimitWatch()
        for _ in 1...3 { watch.note(RunLimit(.network, "the network"), at: PoolTime(nanoseconds: 0)) }
        watch.note(RunLimit(.input, "the input"), at: PoolTime(nanoseconds: 1_999_999_999))
        #expect(watch.limit?.kind == .network)
        watch.note(RunLimit(.input, "the input"), at: PoolTime(nanoseconds: 2_000_000_000))
        #expect(watch.limit?.kind == .input)
    }
}
