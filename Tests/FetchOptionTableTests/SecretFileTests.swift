// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchOptionTable
import Foundation
import OptionTable
import Testing

/// Tests of the files that `--cookies` and `--netrc` name.
@Suite struct SecretFileTests {
    private func settings(_ option: String, _ text: String) throws -> FetchSettings {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try FetchCommandLine.settings([option, file.path])
    }

    @Test(arguments: ["-b", "--cookies"])
    func aCookieFileBeginsASession(option: String) throws {
        let settings = try settings(option, "# Netscape HTTP Cookie File\nh.com\tFALSE\t/\tFALSE\t0\ta\tb\n")
        #expect(settings.keepsCookies && settings.cookies.count == 1)
        #expect(try self.settings(option, "").keepsCookies)
    }

    @Test func loginsAreThoseOfTheFile() throws {
        let settings = try settings("--netrc", "machine h.com login me password p\n")
        #expect(settings.logins == [HostLogin(host: "h.com", user: "me", password: "p")])
    }

    @Test(arguments: [
        ("--cookies", "\n\nsecret", "line 3: expected 7 columns"),
        ("--netrc", "machine a\nsecret b", "line 2: expected machine"),
    ])
    func theErrorNamesABadLineWithoutItsText(option: String, text: String, says: String) throws {
        do {
            _ = try settings(option, text)
            Issue.record("the file was accepted")
        } catch {
            #expect("\(error)".hasPrefix("\(option): the file '/") && "\(error)".contains(says), "\(error)")
            #expect(!"\(error)".contains("secret"))
        }
    }
}
