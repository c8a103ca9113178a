// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
package import PoolWire

/// A task object with only a `data:` URL, such as `{"url":"data:,hello"}`.
///
/// The URL has no media type, and its content has only unreserved characters. This type is a fast path for
/// the cheapest tasks. Use this type only if `FetchSettings.wantsResponses` is false: then the general path
/// (`LocalFetch` and `FetchResult.writeMembers`) writes the same bytes.
package struct PlainDataTask {
    private static let start: StaticString = #"{"url":"data:,"#
    private static let end: StaticString = #""}"#

    /// The range of the content in the object.
    private let content: Range<Int>

    /// Recognises a task of this form with a content of at most `maxBodyBytes`; returns `nil` for any other
    /// task.
    package init?(_ object: Span<UInt8>, maxBodyBytes: Int) {
        guard object.count >= Self.start.utf8CodeUnitCount + Self.end.utf8CodeUnitCount else { return nil }
        let content = Self.start.utf8CodeUnitCount..<object.count - Self.end.utf8CodeUnitCount
        guard content.count <= maxBodyBytes, object.holds(Self.start, at: 0..<content.lowerBound),
            object.holds(Self.end, at: content.upperBound..<object.count)
        else { return nil }
        for index in content where !Self.isUnreserved(object[index]) { return nil }
        self.content = content
    }

    /// Writes the complete result message for the task `seq`; `object` must be the object passed to `init`.
    package func writeResultMessage(seq: Int, of object: Span<UInt8>, into writer: inout JSONWriter) {
        writer.value(of: content.count + Self.resultRoom) { room in
            room.text(#"{"t":"result","seq":"#)
            room.number(seq)
            room.text(#","status":200,"fields":{"final_url":"data:,"#)
            room.bytes(object.extracting(content))
            room.text(#"","redirects":0,"content_type":"text/plain;charset=US-ASCII","bytes":{"wire":"#)
            room.number(content.count)
            room.text(#","body":"#)
            room.number(content.count)
            room.text("}}")
        }
        writer.endObjectAndLine()
    }

    /// An upper bound for the bytes that a result takes in addition to the content.
    private static let resultRoom = 176 + 3 * JSONRoom.numberBytes

    /// Returns true for an unreserved character of RFC 3986 §2.3, which needs no escape in a URL or in JSON.
    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
