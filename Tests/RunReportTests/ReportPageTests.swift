// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Testing

@testable import RunReport

@Suite struct ReportPageTests {
    @Test func thePageHasATextForEachPart() {
        let page = Samples.page(
            Samples.good(1),
            Samples.good(2, host: "slow.example", milliseconds: 4_000, seconds: 90),
            Samples.failed(3, host: "dead.example"),
            Samples.crashed(4),
            Samples.invalid(5)
        )
        for text in [
            "2 of 5 tasks are ok", "40.0 %", "60.0 %", "26 Nov 2026", "dead.example", "slow.example",
            "4.00 s",
            "<th scope=\"row\">200 <span class=\"soft\">OK</span></th>", "SIGSEGV", "parse.c:9",
            "words.py 1, pid 8",
            "2.00 MiB", "crashes/4.body", "Fetch workers", "Processing workers", "no connection",
            "fetch_error",
            "1 record has no time: nothing was fetched, or --fields left it out.",
        ] {
            #expect(page.contains(text), "\(text)")
        }
    }

    @Test func aRowOfASingleMomentHasNoRate() {
        let page = Samples.page(
            Samples.good(1),
            Samples.good(2, seconds: 600),
            Samples.good(3, seconds: 3_600)
        )
        #expect(page.contains("<td class=\"n\">–</td>"))
        #expect(!page.contains("00/s</td>"))
    }

    @Test func processingWorkersOfDifferentMachinesHaveSeparateRows() {
        let record = { (id: Int, machine: Int, pid: Int) in
            #"{"v":1,"id":\#(id),"url":"http://a/","outcome":"ok","worker":{"id":\#(machine),"pid":7,"host":"m\#(machine)"},"processor":{"name":"links","id":0,"pid":\#(pid)}}"#
        }
        let lines = (1...8).map { record($0, $0 % 2, 100 + $0 % 2) } + [record(9, 1, 200)]
        let workers = Samples.figures(of: lines).workers.workers.filter(\.key.processes)
        #expect(Set(workers.map(\.key.machine)) == [0, 1])
        #expect(workers.map(\.processes).sorted() == [1, 2])
        let page = Samples.page(of: lines)
        #expect(page.contains(">0/0</th>") && page.contains(">1/0</th>"))
        #expect(!Samples.page(Samples.crashed(1)).contains("/0</th>"))
    }

    @Test func processesAreCountedOnceEvenIfTheirRecordsAlternate() {
        let record = { (id: Int, pid: Int) in
            #"{"v":1,"id":\#(id),"url":"http://a/","outcome":"ok","worker":{"id":0,"pid":\#(pid)}}"#
        }
        let alternating = (1...20).map { record($0, 7 + $0 % 2) }
        #expect(Samples.figures(of: alternating).workers.workers.map(\.processes) == [2])
        let many = (1...5_000).map { record($0, $0) }
        #expect(Samples.figures(of: many).workers.workers.map(\.processes) == [5_000])
    }

    @Test func thePageSaysIfFailedRecordsNameNoErrors() {
        let failed = #"{"v":1,"id":1,"url":"http://a/","outcome":"fetch_error"}"#
        #expect(Samples.page(failed).contains("The records have no error classes."))
        #expect(Samples.page(Samples.good(1)).contains("No record has an error."))
    }

    @Test func nothingOnThePageIsFetchedOrRun() {
        let page = Samples.page(Samples.good(1), Samples.crashed(2))
        let policy =
            #"<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">"#
        #expect(page.contains(policy))
        for text in [
            "<script", "<img", "<a ", "<link", "href", "src=", "url(", "@import", "<iframe", "<form",
        ] {
            #expect(!page.contains(text), "\(text)")
        }
    }

    /// Texts with a special meaning in HTML, in SVG, in style sheets or in a terminal.
    private static let attacks = [
        "<script>alert(1)</script>", "</title><script>alert(1)</script>",
        "</style><img src=http://evil.example/>",
        "\\\" onmouseover=\\\"alert(1)", "' onload='alert(1)", "<svg/onload=alert(1)>", "]]><x>", "<!--",
        "-->",
        "</pre></details><iframe src=//evil.example>", "&lt;b&gt;", "javascript:alert(1)",
        "\\u003cscript\\u003e",
        "\\u0000<\\u0000script>", "\\ud800<script>", "\\u202e<b>", "\\u001b[31m<b>\\u001b[0m", "</bdi><b>",
        "http://evil.example/<b>",
    ]

    @Test(arguments: attacks)
    func noTextOfARecordBecomesMarkup(attack: String) {
        let record =
            #"{"v":1,"id":"\#(attack)","url":"\#(attack)","outcome":"worker_crash","status":200,"final_url":"http://\#(attack)/","fetched_at":"2026-11-26T10:00:00.000Z","worker":{"id":0,"pid":1},"processor":{"name":"\#(attack)","id":0,"pid":2},"error":{"class":"crash","message":"\#(attack)"},"signal":"\#(attack)","stderr_tail":["\#(attack)"],"body_path":"\#(attack)","meta":"\#(attack)"}"#
        let plain = Samples.page(record.replacing(attack, with: "harmless"))
        let page = Samples.page(record, record)
        #expect(
            Self.tags(page).isSubset(
                of: Self.tags(Samples.page(Samples.good(1), Samples.crashed(2))).union(Self.tags(plain))
            )
        )
        #expect(!page.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0x202E })
    }

    @Test(arguments: attacks)
    func namesOfFilesAreEscaped(attack: String) throws {
        var figures = ReportFigures(sources: [attack, "b"])
        let line = Array(Samples.good(1).utf8)
        let read = ReportRecord(reading: line.span)
        let record = try #require(read)
        figures.count(record, in: line.span, source: 0)
        figures.otherLines = 1
        figures.firstOtherLine = (0, 1)
        figures.emptySources = [0]
        let page = String(decoding: ReportPage.html(of: figures), as: UTF8.self)
        #expect(Self.tags(page).isSubset(of: Self.tags(Samples.page(Samples.good(1), Samples.crashed(2)))))
    }

    /// Returns the beginnings of all tags in lower case, and the names of some attributes.
    ///
    /// The attributes are `on…`, `src`, `href` and `action`, which could run code or send requests. Only
    /// attribute names in lower case are found. If a tag has several of these attributes, only the name of
    /// the last one is returned.
    private static func tags(_ page: String) -> Set<String> {
        let elements = page.matches(of: /<[!\/]?[A-Za-z-]+/).map { String($0.output).lowercased() }
        let attributes = page.matches(of: /<[^>]*\s(on\w+|src|href|action)\s*=/).map { String($0.output.1) }
        return Set(elements + attributes)
    }

    @Test func aTextIsShownWithoutControlCharacters() {
        #expect(
            ShownText.of(Array("\u{1B}[1;31mred\u{1B}[0m\u{7}\u{202E}x".utf8), limit: 50)
                == "red\u{2407}\u{FFFD}x"
        )
        #expect(ShownText.of(Array("\u{1B}\u{1B}[31mred\u{1B}[3\u{1B}[0mx".utf8), limit: 50) == "redx")
        #expect(ShownText.of(Array("abcdef".utf8), limit: 3) == "abc…")
        #expect(ShownText.of([0xFF, 0x41], limit: 3) == "\u{FFFD}A")
        // Only the beginning of a long text is read. The beginning does not end inside a character.
        let coloured = String(repeating: "\u{1B}[1m", count: 18) + "xééé"
        #expect(ShownText.of(Array(coloured.utf8), limit: 3) == "xéé…")
        let long = [UInt8](repeating: 0x41, count: 1 << 20)
        #expect(ShownText.of(long, limit: 300).count == 301)
    }

    @Test func thePageOfManyKindsOfRecordsIsSmall() {
        var lines: [String] = []
        for number in 0..<3_000 {
            lines.append(
                Samples.crashed(
                    number,
                    signal: "SIG\(number)",
                    tail: [String](repeating: String(repeating: "x", count: 2_000), count: 60)
                )
            )
            lines.append(Samples.failed(number, host: "h\(number).example", seconds: number * 60))
            lines.append(#"{"outcome":"ok","status":\#(number % 1_200),"worker":{"id":\#(number),"pid":1}}"#)
        }
        let page = Samples.page(of: lines)
        #expect(page.utf8.count < 1_500_000)
        #expect(page.contains("other causes") && page.contains("the 64 of"))
    }

    @Test(arguments: [
        ([], "No task has ended"), ([Samples.good(1)], "The one task is ok"),
        ([Samples.failed(1)], "The one task is not ok"),
        ([Samples.good(1), Samples.good(2)], "All 2 tasks are ok"),
        ([Samples.failed(1), Samples.failed(2)], "None of 2 tasks is ok"),
        ([Samples.good(1), Samples.failed(2)], "1 of 2 tasks is ok"),
    ])
    func theHeadlineSaysTheResult(lines: [String], headline: String) {
        #expect(Samples.page(of: lines).contains("<h1>\(headline)</h1>"))
    }

    /// The records of `data:` URLs have no `total_ms`, the time of a fetch.
    @Test func processingWithoutFetchesHasASectionOfItsOwn() {
        let page = Samples.page(
            #"{"outcome":"ok","timing":{"process_ms":2},"fetched_at":"2026-01-01T00:00:00Z"}"#
        )
        #expect(page.contains("<h2>Time of processing</h2>") && !page.contains("0 fetches"))
    }

    @Test func numbersThatNoRunWritesDoNoHarm() {
        let page = Samples.page(
            #"{"outcome":"ok","status":9007199254740991,"bytes":{"wire":9007199254740991,"body":9007199254740991},"timing":{"total_ms":999999999999,"process_ms":0},"fetched_at":"9999-12-31T23:59:60Z","attempt":9007199254740991,"worker":{"id":9007199254740991,"pid":9007199254740991}}"#,
            #"{"outcome":"timeout","fetched_at":"0000-01-01T00:00:00.5Z","exit_code":9007199254740991,"peak_rss_kb":9007199254740991,"worker":{"id":1,"pid":0}}"#,
            #"{"outcome":"ok","fetched_at":"2026-13-01T00:00:00Z","timing":{"total_ms":1e400}}"#
        )
        #expect(page.contains("2 of 3 tasks are ok"))
    }
}
