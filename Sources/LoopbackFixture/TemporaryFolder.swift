// SPDX-License-Identifier: MIT
// fetchpool

package import Foundation

/// A temporary folder, which the caller removes.
package struct TemporaryFolder: Sendable {
    /// The path of the folder.
    package let path: String

    /// Makes a folder in the system's folder for temporary files.
    ///
    /// - Throws: An error of Foundation if the folder cannot be made.
    package init() throws {
        path = FileManager.default.temporaryDirectory.path + "/fetchpool-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
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
