// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import HTMLTokens
import SimulationSupport

/// Reads random pages for a given time: `html-fuzz [--seconds N] [--from SEED]`.
///
/// By default, the program runs for 10 s and begins with seed 1. At the first page with a fault, the program
/// prints the seed and the page, and exits with status 1. If `LongPage` finds the fault, the program prints
/// the pieces of the long page in place of the page. The exit status is 2 for an invalid command line.
@main
struct HTMLFuzz {
    static func main() {
        guard let options = FuzzOptions(CommandLine.arguments.dropFirst()) else {
            print("usage: html-fuzz [--seconds N] [--from SEED]")
            exit(2)
        }
        let start = ContinuousClock.now
        var (seed, pages, bytes) = (options.firstSeed, 0, 0)
        while ContinuousClock.now - start < .seconds(options.seconds) {
            for _ in 0..<200 {
                var generator = SeededGenerator(seed: seed)
                let page = RandomPage(using: &generator)
                if let fault = page.fault() {
                    print("seed \(seed): \(fault)\n\(String(decoding: page.bytes, as: UTF8.self))")
                    exit(1)
                }
                (seed, pages, bytes) = (seed &+ 1, pages + 1, bytes + page.bytes.count)
            }
            var generator = SeededGenerator(seed: seed)
            if let fault = LongPage.fault(using: &generator) {
                print("seed \(seed), a long page: \(fault)")
                exit(1)
            }
        }
        print("\(pages) pages, \(bytes) bytes, seeds \(options.firstSeed) to \(seed &- 1): no fault")
    }
}

/// The command line.
private struct FuzzOptions {
    private(set) var seconds = 10
    private(set) var firstSeed: UInt64 = 1

    init?(_ arguments: ArraySlice<String>) {
        var rest = arguments
        while let option = rest.popFirst() {
            guard let value = rest.popFirst().flatMap(UInt64.init) else { return nil }
            switch option {
            case "--seconds" where value <= 1_000_000: seconds = Int(value)
            case "--from": firstSeed = value
            default: return nil
            }
        }
    }
}
