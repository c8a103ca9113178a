// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// The table of the parts of pages, with a column for each set of pages.
enum CompositionReport {
    /// Returns the table of the generated pages and, if a folder is named, of the HTML files below it.
    ///
    /// - Throws: `BenchError` if the folder has no HTML files; an error of Foundation if a file cannot be
    ///   read.
    static func text(corpus: String?) throws -> String {
        var generated = PageComposition()
        for number in 0..<WebPages.count { generated.add(WebPages.page(number)) }
        var columns = [("generated", generated)]
        if let corpus {
            var real = PageComposition()
            for file in try PageFolder.pages(below: corpus) {
                real.add(Array(try Data(contentsOf: URL(fileURLWithPath: file))))
            }
            columns.append((corpus, real))
        }
        return table(columns)
    }

    /// Returns the table as Markdown.
    static func table(_ columns: [(name: String, pages: PageComposition)]) -> String {
        let all = columns.map { figures(of: $0.pages) }
        let rows = all[0].indices.map { row in [all[0][row].name] + all.map { $0[row].value } }
        return MarkdownReport.rows(
            ["pages"] + columns.map(\.name),
            alignment: "---" + String(repeating: "|---:", count: columns.count),
            rows
        )
    }

    private static func figures(of pages: PageComposition) -> [(name: String, value: String)] {
        let kilobytes = Double(pages.bytes) / 1_000
        func each(_ count: Int) -> String { Figure.short(Double(count) / kilobytes) }
        func share(_ bytes: Int) -> String { Figure.short(Double(bytes) / kilobytes / 10) + " %" }
        let sizes = pages.sizes.sorted()
        func size(_ part: Double) -> String {
            Figure.short(Double(sizes[Int(Double(sizes.count - 1) * part)]) / 1_000)
        }
        return [
            ("number", Figure.grouped(sizes.count)),
            ("mean size, KB", Figure.short(kilobytes / Double(sizes.count))),
            ("the size in KB below which 10 % of the pages are", size(0.1)),
            ("the size in KB below which half are", size(0.5)),
            ("the size in KB below which 90 % are", size(0.9)),
            ("tags in a KB", each(pages.tags)), ("attributes in a KB", each(pages.attributes)),
            ("links in a KB", each(pages.links)), ("character references in a KB", each(pages.references)),
            ("comments in a KB", each(pages.comments)), ("words in a KB", each(pages.words)),
            ("bytes of tags", share(pages.tagBytes)),
            ("bytes of scripts and styles", share(pages.codeBytes)),
            ("bytes of comments", share(pages.commentBytes)),
            ("bytes of text, with blanks", share(pages.textBytes)),
            ("bytes of blanks in this text", share(pages.blankBytes)),
            ("bytes that are not ASCII", share(pages.otherBytes)),
        ]
    }
}
