// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchClient

struct RetryAfterTests {
    /// The current time in the tests, in seconds since 1970: one minute before the date in RFC 9110 §5.6.7.
    private static let now = 784_111_777 - 60

    @Test(arguments: [
        ("0", 0), ("120", 120), ("99999999999999999999999", 1_000_000_000),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 60),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 60),
        ("Sun Nov  6 08:49:37 1994", 60),
        ("Sat, 05 Nov 1994 08:49:37 GMT", 0),
        ("", nil), ("soon", nil), ("1.5", nil), ("-1", nil), ("12x", nil), ("tomorrow", nil),
        ("this text is as long as a date", nil),
    ])
    func valueIsSecondsOrDate(_ value: String, _ seconds: Int?) {
        let bytes = Array(value.utf8)
        let read = RetryAfter.seconds(bytes.span, now: Self.now)
        #expect(read == seconds)
    }
}
