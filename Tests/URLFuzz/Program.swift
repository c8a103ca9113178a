// SPDX-License-Identifier: MIT
// fetchpool

import SimulationSupport

/// Checks `LongURLs`, then checks `URLRules` with random URLs for a number of seconds.
///
/// The program is called as `url-fuzz [SECONDS [SEED]]`. Without `SECONDS`, it checks random URLs for 10 s;
/// without `SEED`, it chooses a random seed. The program prints the seed and the number of checked random
/// URLs (executions). Its status is 1 after the first random URL that breaks a rule or the first long URL
/// that takes too long, and 2 after unusable arguments.
@main
enum Program {
    static func main() {
        let words = CommandLine.arguments.dropFirst().map { UInt64($0) }
        guard words.count <= 2, !words.contains(nil) else {
            print("usage: url-fuzz [SECONDS [SEED]]")
            Ending.exit(2)
        }
        let seconds = words.first.flatMap { $0 } ?? 10
        let seed = words.dropFirst().first.flatMap { $0 } ?? UInt64.random(in: 0..<1_000_000)
        print("seed \(seed)")
        LongURLs.check()
        var source = URLSource(random: SeededGenerator(seed: seed))
        let clock = ContinuousClock()
        let end = clock.now + .seconds(seconds)
        var (executions, accepted) = (0, 0)
        while clock.now < end {
            for _ in 0..<1_000 {
                let url = source.next()
                let page = source.page()
                let failure = URLRules.firstBroken(by: url, on: page, accepted: &accepted)
                executions += 1
                if let failure {
                    let shown = String(decoding: url, as: UTF8.self).debugDescription
                    print("execution \(executions): \(failure)\nURL: \(shown)\nbytes: \(url)\npage: \(page)")
                    Ending.exit(1)
                }
            }
        }
        print("\(executions) executions, \(accepted) of them good URLs; no rule was broken")
    }
}
