// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// The machine of a measurement, and the versions of the programs.
struct Machine: Codable, Sendable, Hashable {
    var date = ""
    var processor = ""
    var cores = 0
    var kernel = ""
    /// The name of the server of the web pages (`WebServer.name`).
    var server = ""
    /// The version of each program and of each Python package, by name.
    var versions: [String: String] = [:]

    /// Returns a description of this machine and of the installed programs.
    ///
    /// The commands that print the versions write their output to `folder`.
    static func this(server: String, peers: PeerFolder?, in folder: String) -> Machine {
        var machine = Machine()
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.dateFormat = "yyyy-MM-dd"
        machine.date = format.string(from: Date())
        machine.processor = processor(
            in: (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        )
        machine.cores = ProcessInfo.processInfo.activeProcessorCount
        machine.kernel = firstLine(of: "uname -sr", in: folder) ?? ""
        machine.server = server
        var commands = ["swift": "swift --version", "curl": "curl --version"]
        if server == "nginx", let program = Nginx.program { commands["nginx"] = "\(program) -v" }
        if let peers {
            let python = peers.path + "/python/bin/python3"
            commands["go"] = "go version"
            commands["python"] = "\(python) --version"
            commands["parallel"] = "parallel --version"
            commands["wrk"] = "wrk -v"
            for package in [
                "requests", "urllib3", "aiohttp", "uvloop", "aiodns", "lxml", "selectolax", "pebble", "loky",
            ] {
                commands[package] =
                    "\(python) -c 'from importlib.metadata import version; print(version(\"\(package)\"))'"
            }
        }
        for (name, command) in commands {
            if let line = firstLine(of: command, in: folder) { machine.versions[name] = version(in: line) }
        }
        return machine
    }

    /// The machine and the versions, as two lines of text.
    var text: String {
        let list = versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return "\(date), \(cores) cores of \(processor), \(kernel), server \(server)\n"
            + list.joined(separator: ", ")
    }

    /// Returns the name of the first processor in the text of `/proc/cpuinfo`; empty if there is none.
    static func processor(in text: String) -> String {
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") } ?? ""
        return line.drop { $0 != ":" }.dropFirst().trimmingCharacters(in: .whitespaces)
    }

    /// Returns the version number in a line: `go version go1.19.8` → `1.19.8`.
    ///
    /// The result is the first number with a dot; else the first number of at least six digits; else the
    /// whole line.
    static func version(in line: String) -> String {
        if let match = line.firstMatch(of: /[0-9]+(\.[0-9a-zA-Z]+)+/) { return String(match.output.0) }
        return line.firstMatch(of: /[0-9]{6,}/).map { String($0.output) } ?? line
    }

    private static func firstLine(of command: String, in folder: String) -> String? {
        let run = try? ProgramRun.run(Command("sh", ["-c", command + " 2>&1"]), in: folder, limit: 20)
        let output = FileManager.default.contents(atPath: folder + "/stdout") ?? Data()
        // wrk prints its version and exits with status 1.
        guard let run, run.status <= 1 else { return nil }
        return output.split(separator: UInt8(ascii: "\n")).first.map { String(decoding: $0, as: UTF8.self) }
    }
}
