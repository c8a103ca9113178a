// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The options of the simulation.
struct SimulationOptions: Sendable {
    /// The number of seeds to run; ignored if `seconds` is set.
    var seeds = 2_000
    /// The time in seconds after which no further seed is begun; `nil` to run `seeds` seeds.
    var seconds: Int?
    /// The first seed; the other seeds follow in order.
    var from: UInt64 = 1

    /// Reads a command line, without the program's name.
    init(_ words: ArraySlice<String>) {
        var rest = words
        while let name = rest.popFirst() {
            guard ["--seeds", "--seconds", "--from"].contains(name) else {
                Self.refuse("unknown option \(name)")
            }
            guard let number = rest.popFirst().flatMap({ UInt64($0) }) else {
                Self.refuse("\(name) needs a number")
            }
            switch name {
            case "--seeds": seeds = Int(clamping: number)
            case "--seconds": seconds = Int(clamping: number)
            default: from = number
            }
        }
    }

    /// Prints a reason, and ends the process with status 2.
    static func refuse(_ reason: String) -> Never {
        print("pool-simulation: \(reason)")
        exit(2)
    }
}
