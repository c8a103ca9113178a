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
            writer.verbatim(#","redirects":"#)
            writer.integer(redirects)
        }
        if let httpVersion {
            writer.name("http_version")
            writer.string(httpVersion.description)
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
        if let status {
            writer.name("status")
            writer.integer(status)
        }
        if let retryAfterSeconds {
            writer.name("retry_after_s")
            writer.integer(retryAfterSeconds)
        }
        if let error { writer.recordError(error) }
        writer.name("fields")
        writer.beginObject()
        writeFields(into: &writer)
        writer.endObject()
    }

    private func writeBytes(into writer: inout JSONWriter) {
        // There is a member before these, so a comma is due.
        writer.verbatim(#","bytes":{"wire":"#)
        writer.integer(wireBytes)
        writer.verbatim(#","body":"#)
        writer.integer(bodyBytes)
        writer.endObject()
    }

    /// Writes the whole record of a task that a filter fetched.
    package func writeRecord(of task: InputTask, into writer: inout JSONWriter) {
        writer.beginRecord(of: task)
        writer.recordOutcome(outcome, status: status)
        writeFields(into: &writer)
        writer.recordAttempt(1)
        if let error { writer.recordError(error) }
        writer.endRecord(of: task)
    }
}

extension FetchTiming {
    fileprivate func write(into writer: inout JSONWriter) {
        writer.name("timing")
        writer.beginObject()
        write("dns_ms", dns, into: &writer)
        write("connect_ms", connect, into: &writer)
        write("tls_ms", tls, into: &writer)
        write("ttfb_ms", firstByte, into: &writer)
        write("total_ms", total, into: &writer)
        writer.endObject()
    }

    private func write(_ name: StaticString, _ microseconds: Int?, into writer: inout JSONWriter) {
        guard let microseconds else { return }
        writer.name(name)
        writer.milliseconds(fromMicroseconds: microseconds)
    }
}
