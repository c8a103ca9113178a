// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchOptionTable
import Foundation
import OptionTable
import Testing

/// Tests of the files that `--cookies` and `--netrc` name.
@Suite struct SecretFileTests {
    private func options(_ option: String, _ text: String) throws -> FetchOptions {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try FetchCommandLine.options([option, file.path])
    }

    private func settings(_ option: String, _ text: String) throws -> FetchSettings {
        try options(option, text).resolved().settings
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

    @Test func aNoticeNamesTheLineOfALoginThatCannotBeSent() throws {
        let text = "machine a login b:secret\nmachine c login d password e\n"
        let reason =
            "--netrc, line 1: a user name cannot hold a colon (RFC 7617), so its entry gives no login"
        #expect(try options("--netrc", text).resolved().notices == [reason])
        #expect(
            try options("--netrc", text + text).resolved().notices == [
                reason + "; the file has 2 such lines"
            ]
        )
        #expect(try options("--netrc", "machine c login d\n").resolved().notices.isEmpty)
    }

    @Test(arguments: [
        ("--cookies", "\n\nsecret", "line 3: expected 7 columns"),
        ("--netrc", "# a\nsecret b", "line 2: expected machine"),
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
