// SPDX-License-Identifier: MIT
// fetchpool

/// What the simulation is asked to do.
struct SimulationOptions: Sendable {
    /// How many seeds are run; of no account where `seconds` is given.
    var seeds = 2_000
    /// For how long seeds are run.
    var seconds: Int?
    /// The first seed; the others follow it.
    var from: UInt64 = 1

    /// Reads a command line, without the program's name.
    init(_ words: ArraySlice<String>) {
        var rest = words
        while let name = rest.popFirst() {
            guard let number = rest.popFirst().flatMap({ UInt64($0) }) else {
                fatalError("\(name) needs a number")
            }
            switch name {
            case "--seeds": seeds = Int(clamping: number)
            case "--seconds": seconds = Int(clamping: number)
            case "--from": from = number
            default: fatalError("unknown option \(name)")
            }
        }
    }
}
