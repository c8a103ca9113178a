// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
package import PoolWire

extension FetchResult {
    /// How the record names what happened.
    package var outcome: Outcome { error?.errorClass.outcomeOfFetch ?? .ok }

    /// Writes the members that a record repeats, into an object that was begun.
    ///
    /// These are the names `fields` may hold in the worker protocol, in the order of a record.
    package func writeFields(into writer: inout JSONWriter) {
        if status != nil {
            writer.name("final_url")
            writer.string(finalURL.span)
            writer.member("redirects", redirects)
        }
        if let httpVersion {
            writer.name("http_version")
            writer.word(httpVersion)
        }
        if !remoteIP.isEmpty {
            writer.name("remote_ip")
            writer.string(remoteIP)
        }
        if let contentType {
            writer.name("content_type")
            writer.string(contentType)
        }
        if status != nil { writeBytes(into: &writer) }
        if timing.total != nil { timing.write(into: &writer) }
        if isInsecure {
            writer.name("insecure")
            writer.bool(true)
        }
    }

    /// Writes the members of a worker's answer that come from fetching, into an object that was begun.
    package func writeAnswer(into writer: inout JSONWriter) {
        if let status { writer.member("status", status) }
        if let retryAfterSeconds { writer.member("retry_after_s", retryAfterSeconds) }
        if let error { writer.recordError(error, wasSent: wasSent) }
        writer.value(of: 16) { $0.text(#""fields":{"#) }
        writeFields(into: &writer)
        writer.endObject()
    }

    private func writeBytes(into writer: inout JSONWriter) {
        writer.value(of: 32 + 2 * JSONRoom.numberBytes) { room in
            room.text(#""bytes":{"wire":"#)
            room.number(wireBytes)
            room.text(#","body":"#)
            room.number(bodyBytes)
            room.text("}")
        }
    }

    /// Writes the whole record of a task that a filter fetched; `time` is when its answer came.
    package func writeRecord(of task: InputTask, at time: RecordTime, into writer: inout JSONWriter) {
        writer.beginRecord(of: task)
        writer.recordOutcome(outcome, status: status)
        writeFields(into: &writer)
        writer.recordFetchedAt(time)
        writer.recordAttempt(1)
        if let error { writer.recordError(error) }
        writer.endRecord(of: task)
    }
}

extension FetchTiming {
    fileprivate func write(into writer: inout JSONWriter) {
        writer.value(of: 96 + 5 * JSONRoom.numberBytes) { room in
            room.text(#""timing":{"#)
            var comma: StaticString = ""
            Self.lay(#""dns_ms":"#, dns, &comma, into: &room)
            Self.lay(#""connect_ms":"#, connect, &comma, into: &room)
            Self.lay(#""tls_ms":"#, tls, &comma, into: &room)
            Self.lay(#""ttfb_ms":"#, firstByte, &comma, into: &room)
            Self.lay(#""total_ms":"#, total, &comma, into: &room)
            room.text("}")
        }
    }

    private static func lay(
        _ name: StaticString,
        _ microseconds: Int?,
        _ comma: inout StaticString,
        into room: inout JSONRoom
    ) {
        guard let microseconds else { return }
        room.text(comma)
        comma = ","
        room.text(name)
        room.thousandths(microseconds)
    }
}

extension JSONWriter {
    /// Writes a member that is an integer, at once.
    fileprivate mutating func member(_ name: StaticString, _ number: Int) {
        value(of: name.utf8CodeUnitCount + 8 + JSONRoom.numberBytes) { room in
            room.text("\"")
            room.text(name)
            room.text("\":")
            room.number(number)
        }
    }
}
