// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import TestFolders

@testable import RunReport

/// Lines of records for the tests.
enum Samples {
    /// Returns a record that is ok; the time of the fetch is `seconds` after 2026-11-26T10:00:00Z.
    static func good(
        _ id: Int,
        host: String = "example.com",
        milliseconds: Double = 12,
        seconds: Int = 0
    ) -> String {
        #"{"v":1,"id":\#(id),"url":"https://\#(host)/\#(id)","outcome":"ok","status":200,"bytes":{"wire":50,"body":100},"timing":{"ttfb_ms":1,"total_ms":\#(milliseconds)},"fetched_at":"\#(time(seconds))","attempt":1,"worker":{"id":0,"pid":7}}"#
    }

    /// Returns a record of a fetch that failed with the error class `error`.
    static func failed(
        _ id: Int,
        host: String = "example.com",
        _ error: String = "connect",
        seconds: Int = 0
    ) -> String {
        #"{"v":1,"id":\#(id),"url":"https://\#(host)/\#(id)","outcome":"fetch_error","fetched_at":"\#(time(seconds))","attempt":3,"error":{"class":"\#(error)","message":"no connection","retryable":true}}"#
    }

    /// Returns a record of a task whose processing worker died.
    static func crashed(_ id: Int, signal: String = "SIGSEGV", tail: [String] = ["parse.c:9"]) -> String {
        let lines = tail.map { "\"\($0)\"" }.joined(separator: ",")
        return
            #"{"v":1,"id":\#(id),"url":"https://example.com/\#(id)","outcome":"worker_crash","status":200,"fetched_at":"\#(time(1))","attempt":1,"worker":{"id":0,"pid":7},"processor":{"name":"words.py","id":1,"pid":8},"error":{"class":"crash","message":"the worker died","retryable":false},"signal":"\#(signal)","stderr_tail":[\#(lines)],"peak_rss_kb":2048,"body_path":"crashes/\#(id).body"}"#
    }

    /// Returns the record of an input line that was not valid.
    static func invalid(_ id: Int) -> String {
        #"{"v":1,"id":\#(id),"outcome":"invalid","error":{"class":"url","message":"no URL","retryable":false}}"#
    }

    private static func time(_ seconds: Int) -> String {
        let text = RecordTime(milliseconds: 1_795_687_200_000 + seconds * 1_000).text
        return String(decoding: text.dropFirst().dropLast(), as: UTF8.self)
    }

    /// Returns the figures of `lines`; each line must be a record.
    static func figures(_ lines: String...) -> ReportFigures { figures(of: lines) }

    /// Returns the figures of `lines`; each line must be a record.
    static func figures(of lines: [String]) -> ReportFigures {
        var figures = ReportFigures(sources: ["records"])
        for line in lines {
            let bytes = Array(line.utf8)
            guard let record = ReportRecord(reading: bytes.span) else { preconditionFailure(line) }
            figures.count(record, in: bytes.span, source: 0)
        }
        return figures
    }

    /// Returns the HTML of the report about `lines`; each line must be a record.
    static func page(_ lines: String...) -> String { page(of: lines) }

    /// Returns the HTML of the report about `lines`; each line must be a record.
    static func page(of lines: [String]) -> String {
        String(decoding: ReportPage.html(of: figures(of: lines)), as: UTF8.self)
    }
}

extension ReportRecord {
    /// Reads a line; `nil` if the line is not a record.
    init?(_ line: String) {
        let bytes = Array(line.utf8)
        self.init(reading: bytes.span)
    }
}
