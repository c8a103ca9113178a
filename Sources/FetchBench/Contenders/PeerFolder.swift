// SPDX-License-Identifier: MIT
// fetchpool

/// The folder that `Scripts/bench --peers` fills: the programs of `Scripts/peers`, and what they need.
struct PeerFolder: Sendable {
    let path: String

    /// A Python program, run by the Python that has the packages.
    func python(_ name: String, _ arguments: [String]) -> Command {
        Command(path + "/python/bin/python3", ["\(path)/\(name).py"] + arguments)
    }

    /// A shell script.
    func shell(_ name: String, _ arguments: [String]) -> Command {
        Command("bash", ["\(path)/\(name).sh"] + arguments)
    }

    /// A program that was built.
    func built(_ name: String, _ arguments: [String]) -> Command {
        Command("\(path)/\(name)", arguments)
    }
}
