// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import TestFolders
import Testing

@testable import RunReport

@Suite struct ReportReaderTests {
    private let folder = TestFolder()

    private func write(_ lines: [String], to name: String = "records", ending: String = "\n") throws -> String
    {
        try folder.write(lines.joined(separator: "\n") + ending, to: name)
    }

    private func error(_ names: String...) -> ReportError? {
        do throws(ReportError) {
            _ = try ReportReader.figures(of: names)
            return nil
        } catch {
            return error
        }
    }

    @Test func theLastRecordOfATaskCounts() throws {
        let file = try write([
            Samples.failed(1, seconds: 0), Samples.good(2, seconds: 1), Samples.failed(3, "tls", seconds: 2),
            Samples.good(1, seconds: 3), Samples.failed(3, "dns", seconds: 4),
            Samples.failed(3, "reset", seconds: 5),
        ])
        let figures = try ReportReader.figures(of: [file])
        #expect((figures.records, figures.superseded) == (3, 3))
        #expect((figures.count(.ok), figures.count(.fetchError)) == (2, 1))
        #expect(figures.examples.keys.sorted { $0.rawValue < $1.rawValue } == [.reset])
        #expect(figures.deaths.causes.isEmpty && figures.attempts == 5)
        let grid = figures.grid
        #expect(
            grid.counts(figures.goodRow).reduce(0, +) == 2 && grid.counts(figures.failedRow).reduce(0, +) == 1
        )
    }

    @Test func aTaskIsIdentifiedByItsIDAndItsURL() throws {
        let text = { (id: String, url: String) in #"{"v":1,"id":\#(id),"url":"\#(url)","outcome":"ok"}"# }
        let file = try write([
            text("7", "http://a/"), text("7", "http://b/"), text("\"7\"", "http://a/"),
            text(#""x""#, "http://a/"), text(#""\u0078""#, "http:\\/\\/a/"), text("1e3", "http://a/"),
            text("123456789012345678901234567890", "http://a/"), text("-1", "http://a/"),
            text("4000000000000000", "http://a/"), text("-1", "http://a/"),
        ])
        let figures = try ReportReader.figures(of: [file])
        #expect((figures.records, figures.superseded) == (8, 2))
    }

    @Test func aLaterRecordReplacesAnInvalidRecordOfTheSameFileOnly() throws {
        let file = try write([Samples.invalid(1), Samples.invalid(2), Samples.good(1)])
        let other = try write([Samples.good(2)], to: "other")
        let figures = try ReportReader.figures(of: [file, other])
        #expect((figures.records, figures.superseded, figures.count(.invalid)) == (3, 1, 1))
    }

    @Test func invalidRecordsOfDifferentFilesAllCount() throws {
        let file = try write([Samples.invalid(1), Samples.invalid(1)])
        let other = try write([Samples.invalid(1), Samples.good(2)], to: "other")
        let figures = try ReportReader.figures(of: [file, other])
        #expect((figures.records, figures.superseded, figures.count(.invalid)) == (3, 1, 2))
    }

    @Test func filesAreMergedInOrder() throws {
        let first = try write([Samples.failed(1), Samples.good(2)], to: "first")
        let second = try write([Samples.good(1), Samples.good(2, host: "other.example")], to: "second")
        let figures = try ReportReader.figures(of: [first, second])
        #expect((figures.records, figures.superseded, figures.failures) == (3, 1, 0))
        #expect(try ReportReader.figures(of: [second, first]).failures == 1)
    }

    @Test func recordsWithoutIDsAllCount() throws {
        let file = try write([#"{"outcome":"ok"}"#, #"{"outcome":"ok"}"#])
        #expect(try ReportReader.figures(of: [file]).records == 2)
    }

    @Test func tornLinesAreCountedSeparately() throws {
        for cut in [1, 20, 100] {
            let torn = String(Samples.good(2).prefix(cut))
            let figures = try ReportReader.figures(of: [try write([Samples.good(1), torn], ending: "")])
            #expect((figures.records, figures.tornLines, figures.otherLines) == (1, 1, 0))
        }
        // A complete record without a line feed is still a record.
        let whole = try write([Samples.good(1), Samples.good(2)], ending: "")
        #expect(try ReportReader.figures(of: [whole]).records == 2)
        // Before a run appends to the file, the run adds a line feed to a torn last line.
        let file = try write([Samples.good(1), #"{"v":1,"id":2,"ur"#, "\0\0", Samples.good(3)])
        let figures = try ReportReader.figures(of: [file])
        #expect((figures.records, figures.tornLines, figures.otherLines) == (2, 2, 0))
    }

    @Test func aLineThatIsCutAtAnyByteIsTornEvenInsideAFile() throws {
        let whole =
            #"{"v":1,"id":-1.5e3,"url":"http://é/\u00e9\ud83d\ude00","outcome":"ok","redirects":0,"meta":[true,null,"€"]}"#
        let bytes = Array(whole.utf8)
        for cut in 1..<bytes.count {
            for end in [[], [0, 0]] as [[UInt8]] {
                let lines = bytes[..<cut] + end + [0x0A] + bytes + [0x0A]
                let file = try folder.write(Array(lines), to: "cut")
                let figures = try ReportReader.figures(of: [file])
                #expect((figures.records, figures.tornLines, figures.otherLines) == (1, 1, 0), "\(cut)")
            }
        }
    }

    @Test func damagedLinesThatAreNotTornCountAsOtherLines() throws {
        let joined = #"{"v":1,"id":2,"ur"# + Samples.good(3)
        let file = try write([Samples.good(1), joined, #"{"v":1,"id":4,"outcome":"odd"}"#])
        let figures = try ReportReader.figures(of: [file])
        #expect((figures.records, figures.tornLines, figures.otherLines) == (1, 0, 2))
        #expect(figures.firstOtherLine?.line == 2)
    }

    @Test func linesThatAreNeitherRecordsNorBlankAreCounted() throws {
        let file = try write(["fetchpool: hello", "", Samples.good(1), "\r", "[]", #"{"a":1}"#])
        let figures = try ReportReader.figures(of: [file])
        #expect((figures.records, figures.otherLines, figures.tornLines) == (1, 3, 0))
        #expect(figures.firstOtherLine?.line == 1)
        #expect(
            figures.notices == ["3 lines are not records and do not count; the first is line 1 of '\(file)'"]
        )
    }

    @Test func byteOrderMarksAndCarriageReturnsDoNoHarm() throws {
        let text = "\u{FEFF}" + Samples.good(1) + "\r\n" + Samples.good(2) + "\r\n"
        let figures = try ReportReader.figures(of: [try folder.write(text, to: "windows")])
        #expect((figures.records, figures.otherLines) == (2, 0))
    }

    @Test func filesWithoutRecordsAreRefused() throws {
        let list = try write(["https://example.com/", "https://example.org/"], to: "list")
        #expect(error(list) == .noRecords(list, line: 1))
        let records = try write([Samples.good(1)])
        #expect(error(records, list) == .noRecords(list, line: 1))
        let blank = try write(["", "[1]"], to: "blank")
        #expect(error(blank) == .noRecords(blank, line: 2))
        let torn = try write([#"{"v":1,"id""#], to: "torn", ending: "")
        #expect(error(torn) == .noRecords(torn, line: 1))
        // A file whose first 1,000 lines include no record and no blank line is refused, even if records
        // follow.
        let long = try write([String](repeating: "x", count: 2_000) + [Samples.good(1)], to: "long")
        #expect(error(long) == .noRecords(long, line: 1))
    }

    @Test func emptyFilesAreRefusedUnlessAnotherFileHasRecords() throws {
        let (empty, blank) = (try folder.write("", to: "empty"), try folder.write("\n\n", to: "blank"))
        #expect(error(empty) == .empty([empty]))
        #expect(error(empty)?.description == "'\(empty)' is empty; name a file that has records")
        #expect(error(empty, blank)?.description == "all files are empty; name a file that has records")
        let figures = try ReportReader.figures(of: [empty, try write([Samples.good(1)])])
        #expect(figures.records == 1 && figures.emptySources == [0])
    }

    @Test func filesThatCannotBeReadAreNamed() throws {
        #expect(error(folder.path)?.description.hasSuffix("': it is a folder; name the files in it") == true)
        #expect(error("/nowhere/x")?.description == "cannot read '/nowhere/x': No such file or directory")
    }

    private static func bytes(_ lines: [String]) -> [UInt8] {
        Array(lines.map { $0 + "\n" }.joined().utf8)
    }

    @Test func compressedFilesAreReadLikePlainFiles() throws {
        let old = Self.bytes((1...3_000).map { Samples.failed($0) })
        let new = Self.bytes((1...3_000).map { Samples.good($0) })
        // The file consists of two gzip members; a line begins in the first and ends in the second.
        let members = Compressed.gzip(Array(old[..<70_000])) + Compressed.gzip(Array(old[70_000...]))
        let first = try folder.write(members, to: "first.gz")
        let second = try folder.write(Compressed.zstd(new), to: "second")
        let plain = try folder.write(Self.bytes([Samples.good(1), Samples.good(3_001)]), to: "plain")
        let figures = try ReportReader.figures(of: [first, second, plain])
        #expect((figures.records, figures.superseded, figures.failures) == (3_001, 3_001, 0))
        #expect(try ReportReader.figures(of: [second, first]).failures == 3_000)
        let nothing = try folder.write(Compressed.gzip([]), to: "nothing.gz")
        #expect(error(nothing) == .empty([nothing]))
        let list = try folder.write(Compressed.zstd(Self.bytes(["http://a/"])), to: "list.zst")
        #expect(error(list) == .noRecords(list, line: 1))
    }

    @Test func damagedFilesAreNamedWithTheNumberOfLinesBeforeTheDamage() throws {
        let whole = Compressed.gzip(Self.bytes((1...500).map { Samples.good($0) }))
        let torn = try folder.write(Array(whole.dropLast(70_000)), to: "torn.gz")
        let text = try #require(error(torn)?.description)
        let sentence = /cannot read '.*': its gzip data ends early; [1-9][0-9]+ lines were read before/
        #expect(text.wholeMatch(of: sentence) != nil, "\(text)")
        let more = try folder.write(whole + [7, 7, 7, 7], to: "more.gz")
        #expect(
            error(more)?.description
                == "cannot read '\(more)': bytes that are neither gzip nor zstd follow its gzip data; 500 lines were read before"
        )
        let short = try folder.write([0x1F, 0x8B, 8, 0, 0, 0, 0, 0], to: "short.gz")
        #expect(error(short)?.description == "cannot read '\(short)': its gzip data ends early")
    }

    @Test(arguments: [false, true])
    func namedPipesAreReadLikeFiles(isCompressed: Bool) async throws {
        let path = folder.file("pipe")
        #expect(unsafe mkfifo(path, 0o600) == 0)
        let lines = (1...5_000).map { Samples.failed($0) } + (1...5_000).map { Samples.good($0) }
        let plain = Self.bytes(lines)
        let bytes = Data(isCompressed ? Compressed.zstd(plain) : plain)
        let writer = Thread {
            let file = FileHandle(forWritingAtPath: path)
            try? file?.write(contentsOf: bytes)
            try? file?.close()
        }
        writer.start()
        let figures = try ReportReader.figures(of: [path])
        #expect((figures.records, figures.superseded, figures.failures) == (5_000, 5_000, 0))
    }

    @Test func numbersFarApartAreFound() {
        /// Returns a hash; `TaskIDs` needs hashes that differ in their upper bits.
        func hash(_ number: Int) -> UInt64 { UInt64(number >> 36) &* 0x9E37_79B9_7F4A_7C15 }
        var ids = TaskIDs()
        for number in stride(from: 0, to: 1 << 52, by: 1 << 36) {
            let isKnown = ids.insert(number, hash(number))
            #expect(!isKnown)
        }
        let isKnown = ids.insert(1 << 36, hash(1 << 36))
        #expect(isKnown)
    }
}
