// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// A task that is nothing but its URL: `{"url":"…"}` without a blank, as it is made around the bare URLs of input.
package enum PlainTask {
    /// What stands in front of the URL.
    package static let prefix: StaticString = #"{"url":""#
    /// What stands behind it.
    package static let suffix: StaticString = #""}"#

    /// Where the URL lies in a task of that form, if it is one; a quote or a backslash in it would say that it is none.
    package static func url(in object: Span<UInt8>) -> Range<Int>? {
        let count = object.count
        guard count > 10, object[0] == UInt8(ascii: "{"), object[1] == UInt8(ascii: "\""),
            object[2] == UInt8(ascii: "u"), object[3] == UInt8(ascii: "r"), object[4] == UInt8(ascii: "l"),
            object[5] == UInt8(ascii: "\""), object[6] == UInt8(ascii: ":"), object[7] == UInt8(ascii: "\""),
            object[count - 2] == UInt8(ascii: "\""), object[count - 1] == UInt8(ascii: "}")
        else { return nil }
        return 8..<count - 2
    }

    /// The task of a URL, with the escapes that the URL needs in a string.
    package static func object(of url: Span<UInt8>) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("url")
        writer.string(url)
        writer.endObject()
        return writer.take()
    }
}
