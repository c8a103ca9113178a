// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// A temporary folder of one test, which is removed with its reference.
final class TestFolder {
    let path: String

    convenience init() throws {
        try self.init(FileManager.default.temporaryDirectory.path + "/program-tests-\(UUID().uuidString)")
    }

    private init(_ path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Creates a folder in this one.
    func makeFolder(_ name: String) throws -> TestFolder { try TestFolder(path + "/" + name) }

    /// Writes a file, and returns its path.
    func write(_ text: String, to name: String) throws -> String {
        let file = path + "/" + name
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        return file
    }

    /// Returns the text of a file.
    func read(_ name: String) throws -> String {
        try String(contentsOfFile: path + "/" + name, encoding: .utf8)
    }

    /// The names of the folder's entries.
    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path) }
    }
}
