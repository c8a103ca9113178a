// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
package import PoolWire

/// A task object that names a `data:` URL and nothing else, whose content stands in it as it is: `{"url":"data:,hello"}`.
///
/// It is the cheapest task there is, and its answer needs neither the general readers nor a `FetchResult`: all that is known of
/// it follows from where its content lies. What is written is what the general way writes.
package struct PlainDataTask {
    private static let start: StaticString = #"{"url":"data:,"#
    private static let end: StaticString = #""}"#

    /// Where the content lies in the object.
    private let content: Range<Int>

    /// Recognises such a task; `nil` for any other, which the general readers take.
    package init?(_ object: Span<UInt8>) {
        guard object.count >= Self.start.utf8CodeUnitCount + Self.end.utf8CodeUnitCount else { return nil }
        let content = Self.start.utf8CodeUnitCount..<object.count - Self.end.utf8CodeUnitCount
        guard object.holds(Self.start, at: 0..<content.lowerBound),
            object.holds(Self.end, at: content.upperBound..<object.count)
        else { return nil }
        for index in content where !Self.isUnreserved(object[index]) { return nil }
        self.content = content
    }

    /// Writes the whole answer of a worker that was given the task as `seq`; `object` is what the task was made of.
    package func writeAnswer(seq: Int, of object: Span<UInt8>, into writer: inout JSONWriter) {
        writer.value(of: content.count + Self.answerRoom) { room in
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

    /// What an answer takes at most beside the content.
    private static let answerRoom = 176 + 3 * JSONRoom.numberBytes

    /// Whether a byte stands for itself everywhere in a URL (RFC 3986 §2.3), and in JSON too.
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
