// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// A temporary folder for one test; the folder is removed when the last reference to this object is
/// released.
package final class TestFolder: Sendable {
    /// The absolute path of the folder.
    package let path: String

    /// Makes a folder in the system's folder for temporary files; stops the test program on failure.
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

    /// Makes a folder in this folder; stops the test program on failure.
    ///
    /// The new folder is removed when the last reference to the new object is released.
    package func makeFolder(_ name: String) -> TestFolder { TestFolder(file(name)) }

    /// Returns the path of a file in the folder, even if the file does not exist.
    package func file(_ name: String) -> String { path + "/" + name }

    /// Writes bytes to a file in the folder and returns the file's path; also makes missing parent folders.
    ///
    /// - Throws: An error of Foundation if the file cannot be written, or a parent folder cannot be made.
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

    /// Writes text to a file in the folder and returns the file's path; also makes missing parent folders.
    ///
    /// - Throws: An error of Foundation if the file cannot be written, or a parent folder cannot be made.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        try write(Array(text.utf8), to: name)
    }

    /// Writes a script to an executable file in the folder, and returns the file's path.
    ///
    /// Another process makes the file. If this process wrote the file, a program that a test starts meanwhile
    /// could inherit the descriptor. While any process has a file open for writing, execve(2) cannot run the
    /// file (ETXTBSY).
    ///
    /// - Throws: An error of Foundation if the file cannot be written, or install(1) cannot be started.
    package func writeProgram(_ script: String, to name: String) throws -> String {
        let draft = try write(script, to: name + ".draft")
        let install = Process()
        install.executableURL = URL(fileURLWithPath: "/usr/bin/install")
        install.arguments = ["-m", "755", draft, file(name)]
        try install.run()
        install.waitUntilExit()
        guard install.terminationStatus == 0 else { throw CocoaError(.fileWriteUnknown) }
        try FileManager.default.removeItem(atPath: draft)
        return file(name)
    }

    /// Returns the text of a file in the folder.
    ///
    /// - Throws: An error of Foundation if the file cannot be read, or is not UTF-8.
    package func read(_ name: String) throws -> String {
        try String(contentsOfFile: file(name), encoding: .utf8)
    }

    /// The names of the files and folders in the folder, sorted; empty if the folder cannot be read.
    package var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    /// Returns true if the path `name`, relative to the folder, leads to a file or folder.
    package func holds(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }
}
