// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestPrograms

/// A fenced block of a Markdown text.
struct Snippet: Sendable {
    /// What stands behind the fence: `sh`, `json`, `python`, `swift`, `text` or `console`.
    let language: String
    let text: String

    /// The root of the project, seen from this file.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// All blocks of a file of the project, in their order.
    static func all(of path: String) throws -> [Snippet] {
        let text = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
        var snippets: [Snippet] = []
        // Texts between fences are prose and blocks in turn.
        for (index, part) in text.components(separatedBy: "\n```").enumerated() where index % 2 == 1 {
            let lines = part.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            snippets.append(Snippet(language: String(lines[0]), text: lines.dropFirst().joined() + "\n"))
        }
        return snippets
    }
}

/// A folder that is gone with the last reference.
final class ScratchFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(
            "fetchpool-\(UUID().uuidString)"
        )
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: "\(path)/\(name)", atomically: false, encoding: .utf8)
    }

    /// Makes the folder look like a clone that was built: `Scripts/run`, without its build, and `.build/release`.
    func becomeClone() throws {
        let files = FileManager.default
        for name in ["Scripts", ".build"] {
            try files.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: false)
        }
        let release = "\(path)/.build/release"
        try files.createSymbolicLink(atPath: release, withDestinationPath: BuiltPrograms.folder)
        try write("#!/bin/sh\nexec '\(release)/fetchpool' \"$@\"\n", to: "Scripts/run")
        try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(path)/Scripts/run")
    }

    /// Runs a shell script in the folder; programs are found as the system finds them, so ours are not.
    ///
    /// `search` is put in front of where they are looked for.
    func run(_ script: String, search: String = "") throws -> RunningProgram.Finished {
        let prologue = "cd '\(path)'; PATH='\(search)'\"$PATH\"\n"
        return try RunningProgram.run("/bin/sh", ["-ec", prologue + script], within: .seconds(120))
    }
}
