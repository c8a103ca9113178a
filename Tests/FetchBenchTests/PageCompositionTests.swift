// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchBench

/// Tests the counts of the parts of pages, and the table of these counts.
struct PageCompositionTests {
    private static let page = """
        <!DOCTYPE html><title>a &amp; b</title><!-- <p> --><script>x < "<b>" & c</script>
        <style>a>b{}</style><p class="x y" id=z>&#8220;Zoë&hellip;</p><a href="?a&amp;b">c d</a><a name=e></a>
        """

    @Test func eachPartIsCounted() {
        var pages = PageComposition()
        pages.add(Array(Self.page.utf8))
        #expect(pages.sizes == [Self.page.utf8.count])
        // Tags in the script and in the comment do not count.
        #expect(pages.tags == 12)
        #expect(pages.attributes == 4)
        #expect(pages.links == 1)
        #expect(pages.references == 4)
        #expect(pages.comments == 1)
        #expect(pages.words == 6)
        #expect(pages.commentBytes == " <p> ".utf8.count)
        #expect(pages.codeBytes == "x < \"<b>\" & ca>b{}".utf8.count)
        #expect(pages.textBytes == "a &amp; b\n&#8220;Zoë&hellip;c d".utf8.count)
        #expect(pages.blankBytes == 4)
        #expect(pages.otherBytes == 2)
        let brackets = "<!DOCTYPE html><!---->".utf8.count
        let rest = pages.commentBytes + pages.codeBytes + pages.textBytes + brackets
        #expect(pages.tagBytes == Self.page.utf8.count - rest)
    }

    @Test func countsOfSeveralPagesAreAdded() {
        var pages = PageComposition()
        for _ in 0..<3 { pages.add(Array(Self.page.utf8)) }
        #expect(pages.bytes == 3 * Self.page.utf8.count)
        #expect(pages.tags == 36)
    }

    @Test func tableHasAColumnForEachSetOfPages() {
        var one = PageComposition()
        one.add(Array(repeating: UInt8(ascii: "a"), count: 2_000))
        var two = one
        two.add(Array("<p>".utf8) + Array(repeating: UInt8(ascii: "a"), count: 3_997))
        let table = CompositionReport.table([("one", one), ("two", two)])
        #expect(table.hasPrefix("| pages | one | two |\n|---|---:|---:|\n| number | 1 | 2 |\n"))
        #expect(table.contains("\n| mean size, KB | 2.00 | 3.00 |\n"))
        #expect(table.contains("\n| tags in a KB | 0 | 0.167 |\n"))
    }
}
