// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// A folder of a test's own, which is removed with the last reference to it.
package final class TestFolder: Sendable {
    /// Its path, absolute.
    package let path: String

    /// Makes a folder where temporary files lie; the test ends here if that fails.
    package convenience init() {
        self.init(FileManager.default.temporaryDirectory.path + "/fetchpool-test-\(UUID().uuidString)")
    }

    private init(_ path: String) {
        self.path = path
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            preconditionFailure("cannot make the folder '\(path)': \(error)")
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Makes a folder in this one.
    package func makeFolder(_ name: String) -> TestFolder { TestFolder(file(name)) }

    /// The path of a file in it, which need not be there.
    package func file(_ name: String) -> String { path + "/" + name }

    /// Writes a file, and makes the folders that its name asks for; returns its path.
    @discardableResult
    package func write(_ bytes: [UInt8], to name: String) throws -> String {
        let url = URL(fileURLWithPath: file(name))
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(bytes).write(to: url)
        return file(name)
    }

    /// Writes a file of text as `write` does with bytes.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        try write(Array(text.utf8), to: name)
    }

    /// The text of a file.
    package func read(_ name: String) throws -> String {
        try String(contentsOfFile: file(name), encoding: .utf8)
    }

    /// The names of what lies in it, sorted.
    package var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    /// True if there is something of this name in it.
    package func holds(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }
}
