// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool

/// Runs the path through the pool's decisions, without processes: tasks are submitted, sent and finished.
enum StatePath {
    /// The largest number of results that each turn of the loop in `all` takes.
    private static let resultsPerTurn = 256

    /// Runs `count` tasks through two sequential workers, which together finish one task per microsecond of
    /// simulated time.
    static func all(_ count: Int) -> Int {
        var options = PoolOptions(workers: 2)
        options.startsAll = true
        var pool = PoolState(options)
        var now = PoolTime(nanoseconds: 0)
        var actions: [PoolAction] = []
        var sent: [(WorkerID, Int)] = []
        var oldest = 0
        var (submitted, finished, sum) = (0, 0, 0)
        while finished < count {
            pool.measurePace(at: now)
            var wanted = min(pool.wanted(at: now), count - submitted)
            while wanted > 0 {
                submitted += 1
                wanted -= 1
                pool.submit(PoolTask(token: submitted, mayRepeat: true))
            }
            pool.settle(at: now, into: &actions)
            for action in actions {
                switch action {
                case .spawn(let worker, _): pool.handle(.hello(worker, Hello()), at: now, into: &actions)
                case .send(let worker, _, let seq, _): sent.append((worker, seq))
                default: break
                }
            }
            actions.removeAll(keepingCapacity: true)
            for _ in 0..<resultsPerTurn {
                guard oldest < sent.count else { break }
                let (worker, seq) = sent[oldest]
                oldest += 1
                now = PoolTime(nanoseconds: now.nanoseconds + 1_000)
                if let accepted = pool.accept(result: seq, from: worker, at: now) { sum &+= accepted.token }
                finished += 1
            }
            if oldest >= 4_096 {
                sent.removeFirst(oldest)
                oldest = 0
            }
        }
        return sum
    }
}
