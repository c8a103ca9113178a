// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire
import Testing

/// Tests of tasks from tables in CSV and TSV.
struct TableTasksTests {
    /// Returns a text for each task and refusal of a table: the line number, and then the task's object or
    /// the refusal's message.
    private func read(
        _ text: String,
        _ form: TableReader.Form = .csv,
        url: String = "url",
        id: String? = nil
    ) throws -> [String] {
        var columns = TableTasks.Columns()
        (columns.url, columns.id) = (url, id)
        var tasks = TableTasks(form, columns: columns)
        var all: [String] = []
        func note(_ line: InputLine?) {
            switch line {
            case .task(let task):
                all.append("\(task.ordinal) \(String(decoding: task.object, as: UTF8.self))")
            case .refused(let refused): all.append("\(refused.ordinal) \(refused.error.message)")
            case .blank: all.append("blank")
            case nil: break
            }
        }
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let bytes = Array(line.utf8)
            note(try tasks.read(bytes.span, number: index + 1, defaultScheme: nil))
        }
        note(try tasks.finish())
        return all
    }

    @Test func theColumnsOtherThanURLAndIDAreInMeta() throws {
        #expect(
            try read("name,url,n\nA,http://a/,1\n\"B, b\", http://b/ ,\n\n") == [
                #"2 {"url":"http://a/","meta":{"name":"A","n":"1"}}"#,
                #"3 {"url":" http://b/ ","meta":{"name":"B, b","n":""}}"#,
            ]
        )
        #expect(try read("\u{FEFF}URL\nhttp://a/") == [#"2 {"url":"http://a/"}"#])
        #expect(
            try read("link\tid\nhttp://a/\tx\nhttp://b/\t\n", .tsv, url: "link", id: "ID") == [
                #"2 {"url":"http://a/","id":"x"}"#, #"3 {"url":"http://b/"}"#,
            ]
        )
        #expect(
            try read("url,a,,a\nhttp://a/,1,2,3\n") == [
                #"2 {"url":"http://a/","meta":{"a":"1","a (2)":"3"}}"#
            ]
        )
    }

    /// A browser would read the URLs of one cell as one URL.
    @Test func severalURLsInOneCellAreRefused() throws {
        let reason = "the URL contains a line break or a tab; write one URL in each row"
        for breaks in ["\n", "\t", "\n\n"] {
            let lines = try read("url,n\n\"http://a/?q=1\(breaks)http://a/?q=2\",x\nhttp://b/,y")
            #expect(lines.count == 2 && lines[0].contains(reason), "\(lines)")
        }
        #expect(try read("url\n\"\nhttp://a/\t\n\"")[0].hasPrefix(#"2 {"url":"\nhttp://a/"#))
    }

    @Test func onlyEqualNamesGetANumber() throws {
        #expect(
            try read("price (USD),price,url (old),url\n1,2,3,http://a/\n") == [
                #"2 {"url":"http://a/","meta":{"price (USD)":"1","price":"2","url (old)":"3"}}"#
            ]
        )
        #expect(
            try read("a,a,url,a (2),a,url\n1,2,http://a/,3,4,5\n") == [
                #"2 {"url":"http://a/","meta":{"a":"1","a (3)":"2","a (2)":"3","a (4)":"4","url (2)":"5"}}"#
            ]
        )
    }

    /// The limit on the length of a row includes the separators, because each field takes memory.
    @Test(arguments: [(",", 1, true), ("x", 0, false), ("x", 1, true)])
    func theLimitOfARowIncludesItsSeparators(text: String, beyond: Int, isTooLong: Bool) {
        var reader = TableReader(.csv)
        let line = Array(String(repeating: text, count: WireLimits.maxInputLineBytes + beyond).utf8)
        let row = reader.read(line.span, number: 1)
        switch row {
        case .fields(let fields, _): #expect(!isTooLong && fields == [line])
        case .fault(let message, let errorClass, _):
            #expect(isTooLong && errorClass == .lineTooLong, "\(message)")
        case nil: Issue.record("the row does not end at the end of its line")
        }
        // The next row is read as usual.
        let next = Array("a,b".utf8)
        let nextRow = reader.read(next.span, number: 2)
        #expect(nextRow == .fields([Array("a".utf8), Array("b".utf8)], line: 2))
    }

    /// The quoted fields follow RFC 4180 §2.
    ///
    /// In a field that does not begin with a quotation mark, and in TSV, quotation marks are ordinary
    /// characters.
    @Test func quotesEncloseCommasLineBreaksAndDoubledQuotes() throws {
        #expect(
            try read(
                "url,t\n\"http://a/\",\"say \"\"hi\"\",\nthere\n\n\"\"\"\nhttp://b/,\"\"\nhttp://c/,a\"b\n"
            ) == [
                #"2 {"url":"http://a/","meta":{"t":"say \"hi\",\nthere\n\n\""}}"#,
                #"6 {"url":"http://b/","meta":{"t":""}}"#, #"7 {"url":"http://c/","meta":{"t":"a\"b"}}"#,
            ]
        )
        #expect(try read("url\tt\nhttp://a/\t\"x\n", .tsv) == [#"2 {"url":"http://a/","meta":{"t":"\"x"}}"#])
    }

    @Test func faultyRowsFailAlone() throws {
        let lines = try read(
            "url,a\nhttp://a/\nhttp://b/,1,2\n\"http://c/\"x,1\nno,1\nhttp://d/,1\nhttp://e/,\"1\n\n2"
        )
        #expect(lines.count == 6)
        #expect(lines[0] == "2 line 2: the row has 1 field, and the header has 2")
        #expect(lines[1] == "3 line 3: the row has 3 fields, and the header has 2")
        #expect(lines[2] == "4 line 4, byte 12: a quote inside a field must be doubled")
        #expect(lines[3].hasPrefix("5 line 5: "))
        #expect(lines[4] == #"6 {"url":"http://d/","meta":{"a":"1"}}"#)
        #expect(lines[5] == "7 line 7: the quote of a field is not closed")
    }

    @Test(arguments: ["url\rhttp://a/", "\"url\"\r\"http://a/\""])
    func aTableWithCarriageReturnsAloneGetsAdvice(text: String) throws {
        let error = #expect(throws: (any Error).self) { try read(text) }
        #expect(error.map { "\($0)" }?.contains(#"convert it with tr '\r' '\n'"#) == true)
    }

    @Test func aFieldThatIsNotUTF8IsNamed() throws {
        var tasks = TableTasks(.csv, columns: TableTasks.Columns())
        _ = try tasks.read(Array("url,city".utf8).span, number: 1, defaultScheme: nil)
        let row = Array("http://a/,M".utf8) + [0xFC] + Array("nchen".utf8)
        guard case .refused(let refused) = try tasks.read(row.span, number: 2, defaultScheme: nil) else {
            Issue.record("the row is a task")
            return
        }
        #expect(refused.error.message.hasPrefix("line 2: the column 'city' is not valid UTF-8"))
    }

    @Test(
        arguments: [
            (
                "a,b", "url", nil,
                "the header has no column 'url', only 'a', 'b'; name the right column with --url-column"
            ),
            (
                "url,b", "url", "key",
                "the header has no column 'key', only 'url', 'b'; name the right column with --id-column"
            ),
            (
                "http://a/", "url", nil,
                "the header has no column 'url', only 'http://a/'; name the right column"
            ),
            ("name;url;n", "url", nil, "the columns seem to have semicolons between them"),
            (
                "name\turl\tn", "url", nil,
                "the columns seem to have tabs between them; give --input-format tsv"
            ),
            (
                "a,b\turl\tn", "url", nil,
                "the columns seem to have tabs between them; give --input-format tsv"
            ),
            (
                "sep=,\nurl,a", "url", nil,
                "the first line tells Excel the separator; remove it, as with sed 1d"
            ),
            ("\"SEP=;\"\nurl;a", "url", nil, "the first line tells Excel the separator"),
            ("sep=\t\nurl\ta", "url", nil, "the first line tells Excel the separator"),
            (
                "sep=no,b", "url", nil,
                "the header has no column 'url', only 'sep=no', 'b'; name the right column"
            ),
            ("url,a\0http://a/,1\0", "url", nil, "the text holds zero bytes in place of line feeds"),
            (
                "url,a\rhttp://a/,1\rhttp://b/,2", "url", nil,
                "the header cannot be read: line 1: the text has carriage returns"
            ),
            ("url,\"a \"b\" c\"", "url", nil, "the header cannot be read: line 1, byte 9: a quote inside"),
            ("url,\"a", "url", nil, "the header cannot be read: line 1: the quote of a field is not closed"),
        ] as [(String, String, String?, String)]
    )
    func theFaultOfAHeaderIsNamed(header: String, url: String, id: String?, says: String) {
        let fault = #expect(throws: TableTasks.Fault.self) { try read(header + "\nx,y\n", url: url, id: id) }
        #expect(fault?.description.hasPrefix(says) == true, "\(String(describing: fault))")
    }

    /// Excel writes UTF-16 files for "Unicode Text", and Windows PowerShell 5 writes UTF-16 files for `>`.
    @Test(arguments: [TableReader.Form.csv, .tsv], [true, false])
    func aTableInUTF16IsRefusedWithAdvice(form: TableReader.Form, isBigEndian: Bool) {
        let separator = form == .csv ? "," : "\t"
        for header in ["url\(separator)name", "url", "u"] {
            for start in ["", "\r\n", "\u{FEFF}", "\u{FEFF}\r\n"] {
                let text = start + header + "\r\nhttp://a/\(separator)A\r\n"
                let bytes = text.utf16.flatMap { unit in
                    let pair = [UInt8(truncatingIfNeeded: unit >> 8), UInt8(truncatingIfNeeded: unit)]
                    return isBigEndian ? pair : pair.reversed()
                }
                let fault = #expect(throws: TableTasks.Fault.self) {
                    var tasks = TableTasks(form, columns: TableTasks.Columns())
                    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
                        _ = try tasks.read(Array(line).span, number: 1, defaultScheme: nil)
                    }
                }
                #expect(
                    fault?.description == "the text is UTF-16; convert the file with iconv -f UTF-16 -t UTF-8"
                )
            }
        }
    }

    @Test(
        arguments: [
            ("name,url,n", "the columns seem to have commas between them; give --input-format csv"),
            ("name;url;n", "the columns seem to have semicolons between them"),
            ("sep=\t\nurl\tn", "the first line tells Excel the separator"),
            (
                "\"name\"\t\"url\"",
                "the columns stand in quotes, which have no meaning in TSV; save the table without them, or as CSV"
            ),
        ]
    )
    func theFaultOfAHeaderInTSVIsNamed(header: String, says: String) {
        let fault = #expect(throws: TableTasks.Fault.self) { try read(header + "\nx\ty\n", .tsv) }
        #expect(fault?.description.hasPrefix(says) == true, "\(String(describing: fault))")
    }

    /// pandas and Excel write some fields of a TSV table in quotes.
    @Test(arguments: ["\"http://a/\"", " \"data:,x\"", "\"http://a/?a,b\"\"c\""])
    func aURLInQuotesIsRefusedInTSV(url: String) throws {
        #expect(
            try read("url\tn\n\(url)\t1\n", .tsv) == [
                "2 line 2: the URL stands in quotes, which have no meaning in TSV; save the table without them, or as CSV"
            ]
        )
    }

    /// In a list of URLs, the message for these texts says that the list may be a table or a JSON text.
    @Test(
        arguments: [
            ("a;b", "'a;b' is no URL; write one such as https://example.com/x"),
            ("[1;2]", "'[1;2]' is no URL; write one such as https://example.com/x"),
            ("7;http://a/", "the URL begins only at byte 3, behind '7;'; remove the text before the URL"),
            (
                "[\"\"http://a/\"\"]",
                "the URL begins only at byte 3, behind '[\"'; remove the text before the URL"
            ),
        ]
    )
    func aURLInATableGetsNoAdviceAboutOtherForms(url: String, says: String) throws {
        #expect(try read("url,n\n\"\(url)\",1\n") == ["2 line 2: \(says)"])
    }

    @Test func aFaultInAPartOfTheHeaderIsNamed() {
        var tasks = TableTasks(.csv, columns: TableTasks.Columns())
        let fault = #expect(throws: TableTasks.Fault.self) {
            let part = Array("url,a\rhttp://a/,1".utf8)
            _ = try tasks.readPart(part.span, number: 1)
        }
        #expect(fault?.description.hasPrefix("the header cannot be read: line 1: ") == true)
    }
}
