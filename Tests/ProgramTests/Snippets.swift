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

    /// Runs a shell script in the folder, in which our programs can be called by name.
    func run(_ script: String) throws -> RunningProgram.Finished {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        let prologue = "cd '\(self.path)'; PATH='\(BuiltPrograms.folder):\(path)'\n"
        return try RunningProgram.run("/bin/sh", ["-ec", prologue + script], within: .seconds(120))
    }
}
