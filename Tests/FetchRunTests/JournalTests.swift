// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import TestFolders
import Testing

@testable import FetchRun

struct JournalTests {
    private let folder = TestFolder()

    private func journal(_ text: String, retriesFailures: Bool = false) throws -> Journal {
        try Journal(reading: folder.write(text, to: "out"), retriesFailures: retriesFailures)
    }

    /// Returns the error message for a file with this text; `nil` if the file is a journal.
    private func refusal(_ text: String) throws -> String? {
        do {
            _ = try journal(text)
            return nil
        } catch let error as RunError {
            return error.description
        }
    }

    private func record(_ id: String, _ url: String = "http://h/", _ outcome: String = "ok") -> String {
        #"{"v":1,"id":\#(id),"url":"\#(url)","outcome":"\#(outcome)","timing":{"total_ms":1}}"# + "\n"
    }

    private func key(_ id: String) -> TaskKey { TaskKey(Array(id.utf8).span, isText: false) }

    private func hash(_ url: String) -> UInt64 { TextHash.of(Array(url.utf8).span) }

    private func verdict(_ journal: Journal, _ id: String, _ url: String = "http://h/") -> Journal.Verdict {
        var journal = journal
        return journal.verdict(on: key(id), url: hash(url))
    }

    @Test func tasksWithARecordAreDone() throws {
        let journal = try journal(
            record("1") + record("\"a\"") + record("-7") + record("99999999999999999999")
        )
        for id in ["1", "\"a\"", "-7", "99999999999999999999"] { #expect(verdict(journal, id) == .done) }
        for id in ["2", "\"1\"", "\"b\"", "7", "99999999999999999998", "\"99999999999999999999\""] {
            #expect(verdict(journal, id) == .due)
        }
        #expect(journal.tally.outcomes == [.ok: 4])
    }

    @Test(arguments: [
        ("ok", false, Journal.Verdict.done), ("ok", true, .done), ("skipped", true, .done),
        ("http_error", false, .done), ("http_error", true, .due), ("fetch_error", true, .due),
        ("process_error", true, .due), ("worker_crash", true, .due), ("timeout", true, .due),
        ("blocked", true, .due), ("timeout", false, .done), ("cancelled", false, .due),
        ("cancelled", true, .due),
    ])
    func outcomesDecideWhatIsDoneAgain(outcome: String, retries: Bool, expected: Journal.Verdict) throws {
        let journal = try journal(record("1", "http://h/", outcome), retriesFailures: retries)
        let verdict = verdict(journal, "1")
        if case .dueAgain(let entry) = verdict {
            #expect(expected == .due)
            #expect(entry.outcome.rawValue == outcome)
        } else {
            #expect(verdict == expected)
        }
    }

    @Test func theLastRecordOfATaskCounts() throws {
        let text = record("1", "http://h/", "timeout") + record("2") + record("1")
        var journal = try journal(text, retriesFailures: true)
        #expect(verdict(journal, "1") == .done)
        #expect(journal.tally.outcomes == [.ok: 2])
        journal = try self.journal(text + record("1", "http://h/", "http_error"), retriesFailures: true)
        #expect(journal.tally.outcomes == [.ok: 1, .httpError: 1])
        let failed = JournalEntry(.httpError, nil, url: hash("http://h/"))
        #expect(journal.verdict(on: key("1"), url: hash("http://h/")) == .dueAgain(failed))
        #expect(journal.tally.outcomes == [.ok: 1, .httpError: 1], "the record of the task still counts")
    }

    @Test func anIDThatBelongsToAnotherURLIsRecognised() throws {
        let journal = try journal(record("1", "http://h/a") + record("\"x\"", #"http:\/\/h\/\u00e9"#))
        #expect(verdict(journal, "1", "http://h/b") == .otherURL)
        #expect(verdict(journal, "\"x\"", "http://h/é") == .done, "escapes do not change a URL")
        let found = try #require(journal.lastRecord(of: key("\"x\"")))
        #expect(found.line == 2 && found.url.hasSuffix("u00e9"))
        #expect(journal.lastRecord(of: key("3")) == nil)
    }

    @Test func theRecordOfAnInvalidLineIsNotTheLastRecordOfATask() throws {
        let journal = try journal(record("2", "http://h/a") + hidden)
        #expect(journal.lastRecord(of: key("2"))?.line == 1)
    }

    @Test func aCorrectedLineIsDueAgain() throws {
        let invalid =
            #"{"v":1,"id":1,"url":"htp:/x","outcome":"invalid","error":{"class":"url","message":"m"}}"#
        var journal = try journal(invalid + "\n" + record("2"))
        #expect(journal.tally.classes == [.url: 1])
        let entry = JournalEntry(.invalid, .url, url: hash("htp:/x"))
        #expect(verdict(journal, "1", "http://x/") == .dueAgain(entry))
        #expect(journal.tally.outcomes == [.ok: 1, .invalid: 1])
        #expect(journal.verdict(onInvalid: key("1")) == .done)
        #expect(journal.verdict(onInvalid: key("2")) == .otherURL)
        #expect(journal.verdict(onInvalid: key("3")) == .due)
        #expect(verdict(journal, "1", "http://x/") == .due, "the input still has the invalid line")
        journal = try self.journal(invalid + "\n" + record("1", "http://x/"))
        #expect(verdict(journal, "1", "http://x/") == .done)
        #expect(journal.tally.outcomes == [.ok: 1])
    }

    /// The record of an invalid line with an unreadable id.
    ///
    /// The id in the record is the line number.
    private let hidden = #"{"v":1,"id":2,"outcome":"invalid","error":{"class":"json","message":"m"}}"# + "\n"

    @Test func theRecordOfALineWithoutAReadableIDSaysNothingAboutTheTaskWhoseIDIsTheLineNumber() throws {
        for text in [hidden + record("2"), record("2") + hidden] {
            for isLineFirst in [true, false] {
                var journal = try journal(text)
                if !isLineFirst { #expect(journal.verdict(on: key("2"), url: hash("http://h/")) == .done) }
                #expect(journal.verdict(onInvalid: key("2"), isIDHidden: true) == .done)
                if isLineFirst { #expect(journal.verdict(on: key("2"), url: hash("http://h/")) == .done) }
                #expect(verdict(journal, "2", "http://other/") == .otherURL)
                #expect(journal.verdict(onRepeat: key("2"), url: hash("http://h/")) == .done)
                #expect(journal.tally.outcomes == [.ok: 1, .invalid: 1])
                #expect(journal.tally.classes == [.json: 1])
            }
        }
    }

    @Test func aLineWithoutAReadableIDAndTheTaskWhoseIDIsTheLineNumberAreEachDueOnce() throws {
        var journal = try journal(record("2"))
        #expect(journal.verdict(onInvalid: key("2"), isIDHidden: true) == .due)
        #expect(journal.verdict(onInvalid: key("2")) == .otherURL)
        journal = try self.journal(hidden)
        #expect(journal.verdict(onInvalid: key("2"), isIDHidden: true) == .done)
        #expect(journal.verdict(on: key("2"), url: hash("http://h/")) == .due)
        #expect(journal.tally.outcomes == [.invalid: 1])
        // Here the input has the task before the invalid line. The journal counts the record of the line
        // twice, because the summary later subtracts this record once.
        journal = try self.journal(hidden)
        let entry = JournalEntry(.invalid, .json, url: nil)
        #expect(journal.verdict(on: key("2"), url: hash("http://h/")) == .dueAgain(entry))
        for _ in 1...2 { #expect(journal.verdict(onInvalid: key("2"), isIDHidden: true) == .done) }
        #expect(journal.tally.outcomes == [.invalid: 2])
    }

    @Test func theRecordOfAnInvalidLineNoLongerCountsOnceATaskHasItsID() throws {
        var journal = try journal(record("2") + hidden)
        #expect(journal.tally.outcomes == [.ok: 1, .invalid: 1])
        #expect(journal.verdict(on: key("2"), url: hash("http://h/")) == .done)
        #expect(journal.tally.outcomes == [.ok: 1])
    }

    @Test func recordsThatAnotherProgramHasRewrittenAreRead() throws {
        let text = """
            { "outcome": "http_error", "error": {"message": "m", "class": "http_status"}, "url": "http://h/", "id": "a" }
            {"outcome":"ok","id":5,"result":{"id":6,"outcome":"timeout"}}

            """
        let journal = try journal(text)
        #expect(journal.tally.outcomes == [.ok: 1, .httpError: 1])
        #expect(journal.tally.classes == [.httpStatus: 1])
        #expect(verdict(journal, "\"a\"") == .done)
        #expect(verdict(journal, "5", "http://any/") == .done, "a record without a URL matches any URL")
    }

    @Test(arguments: [
        "{", #"{"v":1,"#, #"{"v":1,"id":3,"url":"http://h/","outcome":"ok","result":{"a":{}"#, "\0\0\0",
    ])
    func anIncompleteLastLineIsCutOff(rest: String) throws {
        let journal = try journal(record("1") + record("2") + rest)
        #expect(journal.tally.count == 2)
        #expect(try folder.read("out") == record("1") + record("2"))
    }

    @Test func aCompleteLastRecordWithoutALineFeedCounts() throws {
        let journal = try journal(record("1") + record("2").dropLast())
        #expect(journal.tally.count == 2)
        #expect(verdict(journal, "2") == .done)
        #expect(try folder.read("out") == record("1") + record("2"))
    }

    @Test(arguments: [("\r", ""), ("\r\n\r", "\r\n"), ("\0", ""), ("\0\0\r", "")])
    func aLastLineWithoutARecordIsCut(rest: String, kept: String) throws {
        let journal = try journal(record("1") + rest)
        #expect(journal.tally.count == 1)
        #expect(try folder.read("out") == record("1") + kept)
    }

    @Test func aTaskThatIsInTheInputSeveralTimesReplacesItsRecordOnce() throws {
        let text = record("1", "http://h/", "timeout") + record("2", "http://h/", "timeout")
        var journal = try journal(text, retriesFailures: true)
        let late = JournalEntry(.timeout, nil, url: hash("http://h/"))
        #expect(journal.verdict(on: key("1"), url: hash("http://h/")) == .dueAgain(late))
        for _ in 0..<3 { #expect(journal.verdict(on: key("1"), url: hash("http://h/")) == .due) }
    }

    @Test func repeatsAreDoneAgainOnlyIfTheyWereCancelled() throws {
        var journal = try journal(record("1", "http://h/", "cancelled") + record("2", "http://h/", "timeout"))
        let cancelled = JournalEntry(.cancelled, nil, url: hash("http://h/"))
        #expect(journal.verdict(onRepeat: key("1"), url: hash("http://h/")) == .dueAgain(cancelled))
        #expect(journal.verdict(onRepeat: key("2"), url: hash("http://h/")) == .done)
        #expect(journal.verdict(onRepeat: key("2"), url: hash("http://other/")) == .otherURL)
        #expect(journal.verdict(onRepeat: key("3"), url: hash("http://h/")) == .due)
    }

    @Test func anIncompleteLineInTheMiddleIsNoRecord() throws {
        let torn = #"{"v":1,"id":2,"url":"http://h/","outcome":"ok","timing":{"total_ms":1}"#
        let journal = try journal(record("1") + torn + "\n" + record("3") + "\n")
        #expect(journal.tally.count == 2)
        #expect(verdict(journal, "2") == .due)
    }

    @Test(arguments: [
        ("http://h/\n", 1), ("{\"url\":\"http://h/\",\"id\":1}\n", 1), ("http://h/", 1), ("[]\n", 1),
        ("{}\n", 1),
        ("RECORD{\"v\":2}\n", 2), ("RECORDRECORDhttp://h/", 3),
    ])
    func aFileThatIsNoJournalIsRefusedAndNotChanged(text: String, line: Int) throws {
        let text = text.replacing("RECORD", with: record("1"))
        #expect(
            try refusal(text)?.contains("line \(line) of --output '\(folder.file("out"))' is not a record")
                == true
        )
        #expect(try folder.read("out") == text)
    }

    @Test func anEmptyAndAMissingFileAreEmptyJournals() throws {
        #expect(try journal("").tally.count == 0)
        #expect(try Journal(reading: folder.file("none"), retriesFailures: false).tally.count == 0)
        #expect(folder.names == ["out"])
    }

    @Test func entriesEqualThoseOfADictionary() {
        var random = SystemRandomNumberGenerator()
        var entries = JournalEntries()
        var expected: [TaskKey: JournalEntry] = [:]
        for round in 0..<60_000 {
            let key: TaskKey =
                switch round % 4 {
                case 0: .number(Int.random(in: 0..<5_000, using: &random))
                case 1: .number(Int.random(in: 0..<20_000_000, using: &random))
                case 2: .number(Int.random(in: .min ... .max, using: &random))
                default: .hash(UInt64.random(in: 0..<20_000, using: &random) &* 0x9E37_79B9_7F4A_7C15)
                }
            let entry = JournalEntry(
                Outcome.allCases.randomElement(using: &random) ?? .ok,
                ErrorClass.allCases.randomElement(using: &random),
                url: random.next()
            )
            #expect(entries.set(entry, for: key) == expected.updateValue(entry, forKey: key))
        }
        #expect(entries.count == expected.count)
        for (key, entry) in expected { #expect(entries[key] == entry) }
        #expect(entries[.number(-1)] == expected[.number(-1)])
    }

    @Test func entriesHoldEachOutcomeAndClass() {
        for outcome in Outcome.allCases {
            for error in [nil] + ErrorClass.allCases.map(Optional.some) {
                let entry = JournalEntry(outcome, error, url: 0)
                #expect(entry.outcome == outcome && entry.errorClass == error)
                #expect(!entry.hasOtherURL(than: 0) && entry.hasOtherURL(than: 1 << 40))
                #expect(!JournalEntry(outcome, error, url: nil).hasOtherURL(than: 1 << 40))
            }
        }
        #expect(JournalEntry(okWith: 1 << 40) == JournalEntry(.ok, nil, url: 1 << 40))
    }

    /// Returns true if the object that begins with the first byte ends with the last byte.
    private func isObject(_ text: String) -> Bool {
        var (depth, isInString, isEscaped) = (0, false, false)
        let ends = text.utf8.enumerated().filter { _, byte in
            if byte == 0x22, !isEscaped { isInString.toggle() }
            isEscaped = byte == 0x5C && !isEscaped
            if !isInString { depth += byte == 0x7B ? 1 : byte == 0x7D ? -1 : 0 }
            return depth == 0
        }
        return ends.first?.offset == text.utf8.count - 1
    }

    @Test(arguments: [
        "{}", "{{}}", "{\"a\":{}}", "{", "{{}", "}", "", "{} ", "{\"a\":1}" + "x", "x{}}", #""}""#, #""\"}""#,
        #""}"#, #""{","{"}"#, #""\\"}"#, #""\\\"}{"{}"#, "}{", "\u{A2}{}", #""a}b}c":{"d":"{"}"#, #""\\\\"}"#,
    ])
    func theEndOfAnObjectIsFound(text: String) {
        for padding in Array(0...17) + [200, 5_000] {
            for piece in ["y", "{}y", #""}""#, #"\""#, #""\\","#, #""\"}\"","#] {
                let text = "{" + String(repeating: piece, count: padding) + text + "}"
                let ends = Array(text.utf8).span.endsObject(from: 1)
                #expect(ends == isObject(text), "\(text.prefix(99))")
            }
        }
        let endsOtherwise = Array("{}x".utf8).span.endsObject(from: 1)
        #expect(!endsOtherwise)
    }

    @Test func noBeginningOfARecordWithBracesInStringsIsARecord() {
        let line = #"""
            {"v":1,"id":1,"url":"http://h/a}","outcome":"ok","final_url":"http://h/a%7D","bytes":{"wire":1,\#
            "body":1},"worker":{"id":0,"pid":7},"result":["a\"}{\\","{},"],"meta":{"a":[{"b":"}}}"},{}]}}
            """#
        let bytes = Array(line.utf8)
        for length in bytes.indices {
            let isRecord = RecordHead(reading: bytes.span.extracting(0..<length)) != nil
            #expect(!isRecord, "\(line.prefix(length))")
        }
        #expect(RecordHead(reading: bytes.span) != nil)
    }

    @Test func aMarkHasTheOutcomeAndTheClassOfAnEntry() {
        for outcome in Outcome.allCases {
            for error in ErrorClass.allCases.map(Optional.some) + [nil] {
                let entry = JournalEntry(outcome, error, url: .max).replaced
                let marked = JournalEntry(mark: entry.mark)
                #expect(marked?.outcome == outcome)
                #expect(marked?.errorClass == error)
            }
        }
        #expect(JournalEntry(mark: 0) == nil)
    }

    @Test func aLineNumberWrittenAsAStringIsRecognisedIfAllIDsAreStrings() throws {
        let texts = record("\"7\"") + record("\"a\"")
        let key = TaskKey.number(7)
        var journal = try Journal(reading: folder.write(texts, to: "texts"), retriesFailures: true)
        #expect(journal.verdict(on: key, url: hash("http://h/")) == .textID)
        #expect(journal.verdict(onRepeat: key, url: hash("http://h/")) == .textID)
        #expect(journal.verdict(on: key, url: hash("http://h/other")) == .due)
        #expect(journal.verdict(on: .number(8), url: hash("http://h/")) == .due)
        #expect(journal.verdict(onInvalid: key) == .due)
        var mixed = try Journal(
            reading: folder.write(texts + record("8"), to: "mixed"),
            retriesFailures: true
        )
        #expect(mixed.verdict(on: key, url: hash("http://h/")) == .due)
        let large = try folder.write(record("\"18446744073709551616\""), to: "large")
        var journalOfLarge = try Journal(reading: large, retriesFailures: true)
        let verdict = journalOfLarge.verdict(on: self.key("18446744073709551616"), url: hash("http://h/"))
        #expect(verdict == .textID)
    }

    @Test func recordsWithNumbersAsIDsAreRefusedIfStringsAreExpected() throws {
        for records in [record("\"a\"") + record("8"), record("18446744073709551616")] {
            let name = try folder.write(records, to: "out")
            let error = #expect(throws: RunError.self) {
                try Journal(reading: name, retriesFailures: false, idsAreTexts: true)
            }
            #expect(error?.description.contains("hold their ids as numbers") == true)
        }
    }

    @Test func aRecordWithAMethodIsReadLikeAnyOtherRecord() throws {
        let line = #"{"v":1,"id":7,"url":"http://h/","method":"POST","outcome":"ok"}"# + "\n"
        var journal = try Journal(reading: folder.write(line, to: "out"), retriesFailures: true)
        #expect(journal.verdict(on: .number(7), url: hash("http://h/")) == .done)
    }

    @Test func idsThatRecordsHoldAsStringsAreFound() throws {
        let records = record("\"7\"") + record("\"-0\"") + record("\"a\"") + record("\"\\ufffd\"")
        let name = try folder.write(records + record("\"18446744073709551616\""), to: "out")
        var journal = try Journal(reading: name, retriesFailures: false, idsAreTexts: true)
        for id in ["7", "\"7\"", "-0", "\"a\"", "\"\\ud800\"", "18446744073709551616"] {
            let key = TaskKey(Array(id.utf8).span, isText: true)
            #expect(journal.verdict(on: key, url: hash("http://h/")) == .done, "\(id)")
        }
        for id in ["0", "07", "70"] {
            let key = TaskKey(Array("\"\(id)\"".utf8).span, isText: true)
            #expect(journal.verdict(on: key, url: hash("http://h/")) == .due, "\(id)")
        }
    }
}
