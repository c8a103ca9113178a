// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchOptionTable
import Foundation
import Glibc
import OptionTable
import Testing

/// Tests of the check of the file for `--cacert`.
///
/// The check takes place before any worker gets the file.
@Suite struct CertificateFileTests {
    private static let text = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    }

    private func refusal(of name: String) -> String? {
        do {
            _ = try FetchCommandLine.settings(["--cacert", name])
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func aRelativeNameIsMadeAbsolute() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("authority")
        try Self.text.write(to: file, atomically: false, encoding: .utf8)
        #expect(try FetchCommandLine.settings(["--cacert", file.path]).certificateFile == file.path)
        let up = Array(
            repeating: "..",
            count: FileManager.default.currentDirectoryPath.count(where: { $0 == "/" })
        )
        let name = up.joined(separator: "/") + file.path
        let absolute = try #require(FetchCommandLine.settings(["--cacert", name]).certificateFile)
        #expect(absolute.hasPrefix("/") && absolute.hasSuffix(name))
        #expect(FileManager.default.contents(atPath: absolute) == Data(Self.text.utf8))
    }

    @Test func fileWithoutCertificateIsRefused() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("text").path
        try "no certificate".write(toFile: file, atomically: false, encoding: .utf8)
        #expect(
            refusal(of: file)
                == "--cacert: the file '\(file)' holds no certificate; name a file with certificates in PEM form"
        )
    }

    @Test func unreadableFileIsRefusedWithTheReason() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let missing = folder.path + "/missing"
        #expect(
            refusal(of: missing)
                == "--cacert: the file '\(missing)' cannot be read: No such file or directory"
        )
        #expect(
            refusal(of: folder.path) == "--cacert: the file '\(folder.path)' cannot be read: Is a directory"
        )
    }

    /// A pipe can be read only once, either by this check or by libcurl.
    @Test func aPipeIsRefused() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let pipe = folder.path + "/pipe"
        try #require(unsafe mkfifo(pipe, 0o600) == 0)
        #expect(refusal(of: pipe) == "--cacert: '\(pipe)' is not a regular file")
    }
}
