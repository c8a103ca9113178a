// SPDX-License-Identifier: MIT
// fetchpool

/// The folder that `Scripts/bench --peers` fills: the programs of `Scripts/peers`, with their dependencies.
struct PeerFolder: Sendable {
    let path: String

    /// Returns the command that runs a Python program with the folder's own Python.
    func python(_ name: String, _ arguments: [String]) -> Command {
        Command(path + "/python/bin/python3", ["\(path)/\(name).py"] + arguments)
    }

    /// Returns the command of a shell script.
    func shell(_ name: String, _ arguments: [String]) -> Command {
        Command("bash", ["\(path)/\(name).sh"] + arguments)
    }

    /// Returns the command of a compiled program.
    func built(_ name: String, _ arguments: [String]) -> Command {
        Command("\(path)/\(name)", arguments)
    }
}
