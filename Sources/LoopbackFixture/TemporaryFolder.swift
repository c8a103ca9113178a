// SPDX-License-Identifier: MIT
// fetchpool

package import Foundation

/// A folder that goes when the demo, or the benchmark, ends.
package struct TemporaryFolder: Sendable {
    /// Where it lies.
    package let path: String

    /// Makes a folder where temporary files lie.
    package init() throws {
        path = FileManager.default.temporaryDirectory.path + "/fetchpool-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    /// Writes lines to a file in the folder, and returns its path.
    package func write(_ lines: [String], to name: String) throws -> String {
        try write(Data((lines.joined(separator: "\n") + "\n").utf8), to: name)
    }

    /// Writes a file in the folder, and returns its path.
    package func write(_ data: Data, to name: String) throws -> String {
        let file = path + "/" + name
        try data.write(to: URL(fileURLWithPath: file))
        return file
    }

    /// Removes the folder with all that is in it.
    package func remove() { try? FileManager.default.removeItem(atPath: path) }
}
