// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchBench

/// Tests that the generated pages are the same each time, and that they resemble real pages.
struct WebPagesTests {
    @Test func pagesAreTheSameEachTimeAndDifferFromEachOther() {
        let small = WebPages.sizes.indices.filter { WebPages.sizes[$0] < 40_000 }.prefix(3)
        let pages = small.map(WebPages.page)
        #expect(pages == small.map(WebPages.page))
        #expect(Set(pages).count == 3)
    }

    @Test func sizesHaveTheSpreadOfRealPages() {
        let sizes = WebPages.sizes.sorted()
        #expect(sizes.count == WebPages.count)
        #expect(abs(sizes.reduce(0, +) / sizes.count - WebPages.meanSize) < 100)
        // The median is about two thirds of the mean, and one page in ten has about twice the mean or more.
        #expect((90_000..<110_000).contains(sizes[50]))
        #expect((270_000..<310_000).contains(sizes[90]))
    }

    @Test(arguments: [0, 1, 2]) func pageHasAboutItsSize(_ number: Int) {
        let excess = WebPages.page(number).count - WebPages.sizes[number]
        #expect(abs(excess) < 2_000)
    }

    /// The figures of real pages are per 1,000 bytes; the bounds are 10 % below and above these figures.
    @Test func partsAreAsFrequentAsInRealPages() {
        var pages = PageComposition()
        for number in 0..<20 { pages.add(WebPages.page(number)) }
        let kilobytes = Double(pages.bytes) / 1_000
        let found = [
            ("tags", pages.tags, 12.6), ("attributes", pages.attributes, 10.2), ("links", pages.links, 1.31),
            ("references", pages.references, 1.27), ("comments", pages.comments, 0.259),
            ("words", pages.words, 15), ("bytes of tags", pages.tagBytes, 485),
            ("bytes of code", pages.codeBytes, 312), ("bytes of text", pages.textBytes, 172),
        ]
        for (name, count, real) in found {
            let each = Double(count) / kilobytes
            #expect(
                (0.9 * real...1.1 * real).contains(each),
                "\(name): \(each) in a KB, and \(real) in real pages"
            )
        }
    }
}
