// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import Glibc

/// A reader of the `Retry-After` field (RFC 9110 §10.2.3), which contains seconds or an HTTP date.
enum RetryAfter {
    /// The largest number of seconds returned, almost 32 years.
    private static let most = 1_000_000_000

    /// Returns the time to wait in seconds; 0 for a past date, `nil` for an invalid value.
    ///
    /// `now` is in seconds since 1970.
    static func seconds(_ value: Span<UInt8>, now: Int) -> Int? {
        guard !value.isEmpty else { return nil }
        guard value[0] &- UInt8(ascii: "0") < 10 else {
            return date(value).map { min(max($0 - now, 0), most) }
        }
        var result = 0
        for index in value.indices {
            let digit = value[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            result = min(result * 10 + Int(digit), most)
        }
        return result
    }

    /// Returns an HTTP date (RFC 9110 §5.6.7) in seconds since 1970; `nil` for an invalid date.
    private static func date(_ value: Span<UInt8>) -> Int? {
        // The three forms of an HTTP date have 24 to 33 characters. Texts of 24 to 40 characters go to
        // libcurl's parser, which would also accept shorter forms.
        guard value.count >= 24, value.count <= 40 else { return nil }
        var text: [CChar] = []
        for index in value.indices { text.append(CChar(bitPattern: value[index])) }
        text.append(0)
        // The text ends with NUL. libcurl ignores the second parameter.
        let time = unsafe curl_getdate(text, nil)
        return time == -1 ? nil : Int(time)
    }
}
