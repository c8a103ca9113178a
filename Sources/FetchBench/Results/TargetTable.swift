// SPDX-License-Identifier: MIT
// fetchpool

extension Target {
    /// All targets, in the order of the workloads.
    static let all: [Target] =
        tls + hosts + h2 + mixed + few + dispatch + map + small + pages + python + bodies + crashes + growth
        + burn
        + latency + start

    private static let dispatch = ["fetchpool, engine", "fetchpool, lines to records"].flatMap {
        [
            rate(.dispatch, $0, over: "ProcessPoolExecutor, chunksize 256", atLeast: 1),
            rate(.dispatch, $0, over: "ProcessPoolExecutor, chunksize 1", atLeast: 100),
        ]
    }

    private static let map =
        [(256, 1.0), (1, 100)].map { chunksize, least in
            rate(.map, Bench.libraryMap, over: Bench.executorMap(chunksize: chunksize), atLeast: least)
        } + [
            Target(
                workload: .map,
                comparison: "median of \(Bench.librarySubmit) : 100 us",
                bound: .atMost(1)
            ) { results in
                results.series(.map, Bench.librarySubmit)?.figure(.median).map { $0.median / 100 }
            }
        ]

    private static let small = [
        rate(.small, "fetchpool", over: "Go net/http", atLeast: 1.1),
        rate(.small, "fetchpool", over: "curl --parallel", atLeast: 2),
        rate(.small, "fetchpool", over: "aiohttp", atLeast: 7),
        rate(.small, "fetchpool", over: "requests, 20 processes", atLeast: 60),
        rate(.small, "fetchpool", over: "wrk", atLeast: 0.4),
        processorTime(.small, "fetchpool", over: "bare libcurl", atMost: 1.35),
    ]

    private static let crashes = [
        rate(.crashes, "fetchpool, 1 % crash", over: "fetchpool, no crashes", atLeast: 0.5),
        rate(.crashes, "fetchpool, 1 % crash", over: "pebble, 1 % crash", atLeast: 5),
    ]

    private static let growth =
        [100_000, 2_000_000].map { number in
            Target(
                workload: .growth,
                comparison: "time of a task among \(Figure.grouped(number)) : among 10,000",
                bound: .atMost(1.1)
            ) { results in
                guard let many = results.secondsOfGrowth(number), let few = results.secondsOfGrowth(10_000)
                else { return nil }
                return many / few
            }
        }
        + [("fetchpool", 40), ("fetchpool-process", 20), ("fetchpool-fetch", 32)].map { program, bound in
            Target(
                workload: .growth,
                comparison: "memory of \(program) : \(bound) MB",
                bound: .atMost(1)
            ) { results in
                results.peakMegabytes(.growth, program).map { $0 / Double(bound) }
            }
        }

    private static let burn = [
        Target(workload: .burn, comparison: "processor time : time x cores", bound: .atLeast(0.95)) {
            $0.coreShare(.burn, "fetchpool")
        },
        Target(workload: .burn, comparison: "time : (time of computing / cores)", bound: .atMost(1.1)) {
            $0.overIdeal("fetchpool")
        },
    ]

    private static let latency = [
        Target(
            workload: .latency,
            comparison: "time of all in flight : (time of all in flight, no delay, + 17 ms)",
            bound: .atMost(1.25)
        ) { results in
            guard let all = results.series(.latency, "fetchpool, all in flight")?.seconds,
                let instant = results.series(.latency, "fetchpool, all in flight, no delay")?.seconds
            else { return nil }
            return all.median / (instant.median + 0.017)
        },
        Target(
            workload: .latency,
            comparison: "time of 20 workers : 500 x 17 ms / 20",
            bound: .atMost(1.1)
        ) { results in
            results.series(.latency, Bench.latencyName(workers: 20))?.seconds.map {
                $0.median / (500 * 0.017 / 20)
            }
        },
    ]

    private static let start = [
        Target(workload: .start, comparison: "time of fetchpool : of curl", bound: .atMost(2.5)) { results in
            guard let own = results.series(.start, "fetchpool")?.seconds,
                let curl = results.series(.start, "curl")?.seconds
            else { return nil }
            return own.median / curl.median
        }
    ]
}
