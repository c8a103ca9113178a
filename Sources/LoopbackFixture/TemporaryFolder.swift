// SPDX-License-Identifier: MIT
// fetchpool

package import Foundation
import Platform

/// A temporary folder, which the caller removes.
package struct TemporaryFolder: Sendable {
    /// The path of the folder.
    package let path: String

    /// Makes a folder in the system's folder for temporary files.
    ///
    /// - Throws: `FixtureError` if the folder cannot be made.
    package init() throws {
        let parent = FileManager.default.temporaryDirectory.path
        path = parent + "/fetchpool-\(UUID().uuidString)"
        guard unsafe mkdir(path, 0o777) == 0 else {
            throw FixtureError("cannot make a folder in '\(parent)' (TMPDIR): \(lastSystemError())")
        }
    }

    /// Writes lines to a file in the folder and returns the path of the file.
    ///
    /// - Throws: An error of Foundation if the file cannot be written.
    package func write(_ lines: [String], to name: String) throws -> String {
        try write(Data((lines.joined(separator: "\n") + "\n").utf8), to: name)
    }

    /// Writes a file in the folder and returns the path of the file.
    ///
    /// - Throws: An error of Foundation if the file cannot be written.
    package func write(_ data: Data, to name: String) throws -> String {
        let file = path + "/" + name
        try data.write(to: URL(fileURLWithPath: file))
        return file
    }

    /// Removes the folder and its contents; errors are ignored.
    package func remove() { try? FileManager.default.removeItem(atPath: path) }
}
