// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchRun

/// Tests that a URL is shown without its user name and password.
@Suite struct ShownURLTests {
    @Test(
        arguments: [
            ("http://a.example/x", "a.example/x"), ("https://me:secret@a.example/x@y", "a.example/x@y"),
            ("HTTP:\\\\me:secret@a.example\\x", "a.example\\x"), ("http:me:secret@a.example", "a.example"),
            ("https:///me:s@cret@a.example?x", "a.example?x"), ("http://me:secret@", ""),
            ("ftp://me:secret@a.example", "a.example"), ("data:text/html,a://b@c", "data:text/html,a://b@c"),
            ("a.example/x", "a.example/x"), ("", ""),
        ]
    )
    func userNameAndPasswordAreNotShown(url: String, shown: String) {
        #expect(RunState.shown(Array(url.utf8)) == shown)
    }

    @Test func aLongPasswordIsNotShownAndALongURLIsCut() {
        let password = String(repeating: "secret", count: 200)
        #expect(RunState.shown(Array("http://me:\(password)@a.example/x".utf8)) == "a.example/x")
        #expect(RunState.shown(Array("http://a.example/\(password)".utf8)).utf8.count == 500)
    }
}
