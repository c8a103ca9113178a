// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import ResponseProcessors

/// Tests of the limits for the work and the memory that a page's links can take.
struct LinkLimitTests {
    private func links(
        of html: String,
        pageURL: String = "http://h.test/",
        maxBaseBytes: Int = PageLinks.maxBaseBytes
    ) -> PageLinks {
        let text = PageText(decoding: Array(html.utf8), charset: "utf-8")
        let markup = PageMarkup(reading: text.bytes.span, isXML: false)
        return PageLinks(markup, in: text.encoding, pageURL: pageURL, maxBaseBytes: maxBaseBytes)
    }

    private func base(_ count: Int) -> String {
        "http://h.test/" + String(repeating: "x", count: count - 14)
    }

    @Test(arguments: [
        // In each case, the links are all the same, or differ only in their fragments, which are removed.
        // Links to port 0 are left out.
        "<a href=#>", "<a href=#1><a href=#2>", "<a href=?><a href='?#'>", "<a href=../>",
        "<a href=//h.test:0/>",
    ])
    func linksThatShareALongBaseEndAtTheLimit(repeated: String) {
        let html = String(repeating: repeated, count: 100) + "<a href=http://last.test/>"
        let all = repeated.count { $0 == "<" } * 100 + 1
        var cut = links(of: html, pageURL: base(1_000), maxBaseBytes: (all - 1) * 1_000)
        let cutFits = cut.collect(room: 1 << 20)
        #expect(!cutFits)
        #expect(cut.referencesLeft == 0)
        #expect(cut.count <= 1)
        var whole = links(of: html, pageURL: base(1_000), maxBaseBytes: all * 1_000)
        let wholeFits = whole.collect(room: 1 << 20)
        #expect(wholeFits)
        #expect(String(decoding: whole.json, as: UTF8.self).hasSuffix(#""http://last.test/""#))
    }

    @Test func aLongBaseElementCountsLikeALongPageURL() {
        let html = "<base href='\(base(60_000))'>" + String(repeating: "<a href=#>", count: 20)
        var cut = links(of: html, maxBaseBytes: 19 * 60_000)
        let cutFits = cut.collect(room: 1 << 20)
        #expect(!cutFits)
        #expect(cut.count == 1)
    }

    @Test func candidatesForTheCanonicalURLCountTowardsTheLimit() {
        let other = "<link rel=canonical href=mailto:x>"
        let html = String(repeating: other, count: 10) + "<link rel=canonical href=/c>"
        var cut = links(of: html, pageURL: base(100), maxBaseBytes: 10 * 100)
        #expect(cut.canonical == nil)
        let cutFits = cut.collect(room: 1 << 20)
        #expect(!cutFits)
        var whole = links(of: html, pageURL: base(100), maxBaseBytes: 11 * 100)
        #expect(whole.canonical == Array("http://h.test/c".utf8))
        let wholeFits = whole.collect(room: 1 << 20)
        #expect(wholeFits)
    }

    @Test func theLimitIsFarBeyondOrdinaryPages() {
        #expect(links(of: "", pageURL: base(65_536)).referencesLeft == 16_384)
        // A page of 32 MiB has at most 4.2 million links, because `<a href>` has eight bytes.
        #expect(links(of: "", pageURL: base(250)).referencesLeft > 4_194_304)
        let data = "data:text/html," + String(repeating: "x", count: 100_000)
        #expect(links(of: "", pageURL: data).referencesLeft == .max)
    }

    @Test func linksOfMoreThanAMebibyteAreLeftOut() throws {
        let rest = String(repeating: "x", count: ReferenceList.maxReferenceBytes - 3)
        let html = "<a href='/a#\(rest)'><a href='/bc#\(rest)'><link rel=canonical href='/cd#\(rest)'>"
        #expect(try result(.links, page(html)) == #"{"links":["http://h.test/a"],"count":1}"#)
    }

    @Test func aBaseOfMoreThanAMebibyteIsNotResolved() throws {
        let rest = String(repeating: "x", count: ReferenceList.maxReferenceBytes)
        let html = "<base href='SCHEME/b#\(rest)'><a href=c>"
        #expect(
            try result(.links, page(html.replacing("SCHEME", with: "")))
                == #"{"links":["http://h.test/dir/c"],"count":1}"#
        )
        #expect(
            try result(.links, page(html.replacing("SCHEME", with: "mailto:"))) == #"{"links":[],"count":0}"#
        )
    }

    @Test func memoryDependsOnTheRoomForLinks() {
        var cut = links(of: String(repeating: "<a href>", count: 100_000))
        let cutFits = cut.collect(room: 1_000)
        #expect(cutFits)
        #expect(cut.json == Array(#""http://h.test/""#.utf8))
        // `collect` may also reserve up to 64 KiB for one URL that would not fit.
        #expect(cut.json.capacity < 100_000)
    }

    @Test func aSetGrowsWithItsRanges() {
        let bytes = (0..<10_000).flatMap { [UInt8($0 % 5_000 / 250), UInt8($0 % 250)] }
        var set = RangeSet(expecting: 4_000_000)
        #expect(set.placeCount == 2_048)
        for index in 0..<10_000 {
            let isNew = set.insert(2 * index..<2 * index + 2, of: bytes)
            #expect(isNew == (index < 5_000))
        }
        #expect(set.count == 5_000)
        #expect(set.placeCount == 16_384)
    }
}
