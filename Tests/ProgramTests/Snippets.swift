// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestPrograms

/// A fenced block of a Markdown text.
struct Snippet: Sendable {
    /// The word after the opening fence, such as `sh`, `json` or `text`; empty if there is none.
    let language: String
    /// The lines between the fences; each line ends with a line feed.
    let text: String

    /// The root folder of the project, derived from the path of this source file.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Returns all fenced blocks of a file, in order; `path` is relative to `root`.
    static func all(of path: String) throws -> [Snippet] {
        let text = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
        var snippets: [Snippet] = []
        // The parts between fences alternate between prose and blocks.
        for (index, part) in text.components(separatedBy: "\n```").enumerated() where index % 2 == 1 {
            let lines = part.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            snippets.append(Snippet(language: String(lines[0]), text: lines.dropFirst().joined() + "\n"))
        }
        return snippets
    }
}

/// A temporary folder, which is removed when this object is deallocated.
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

    /// Makes the folder look like a clone that was built.
    ///
    /// The folder gets links to the built programs and to the scripts for workers, and a `Scripts/run` that
    /// builds nothing.
    func becomeClone() throws {
        let files = FileManager.default
        for name in ["Scripts", ".build"] {
            try files.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: false)
        }
        let release = "\(path)/.build/release"
        try files.createSymbolicLink(atPath: release, withDestinationPath: BuiltPrograms.folder)
        for script in ["check-worker", "fetchpool_worker.py"] {
            try files.createSymbolicLink(
                atPath: "\(path)/Scripts/\(script)",
                withDestinationPath: Snippet.root.appendingPathComponent("Scripts/\(script)").path
            )
        }
        try writeProgram("exec '\(release)/fetchpool' \"$@\"", to: "Scripts/run")
    }

    /// Writes an executable shell script: the line `#!/bin/sh`, and then `commands`.
    func writeProgram(_ commands: String, to name: String) throws {
        try write("#!/bin/sh\n\(commands)\n", to: name + ".text")
        try makeProgram(of: name + ".text", name)
    }

    /// Copies the file `text` to the executable file `name`; a relative path starts in the folder.
    ///
    /// cp(1) writes the file. If this process wrote it, a process that another thread starts meanwhile could
    /// hold the file open, and executing the file would fail (ETXTBSY, execve(2)).
    func makeProgram(of text: String, _ name: String) throws {
        let made = try run("cp '\(text)' '\(name)'; chmod 755 '\(name)'")
        guard made.end == .status(0) else { throw ProgramError(description: made.errors) }
    }

    /// Runs a shell script in the folder; the search path does not contain the built programs.
    ///
    /// `search` is prepended to the search path, and must be empty or end with a colon. The script ends at
    /// the first command that fails.
    func run(_ script: String, search: String = "") throws -> RunningProgram.Finished {
        let prologue = "cd '\(path)'; PATH='\(search)'\"$PATH\"\n"
        return try RunningProgram.run("/bin/sh", ["-ec", prologue + script], within: .seconds(120))
    }
}
