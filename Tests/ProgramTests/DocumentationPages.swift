// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// Finds and reads the project's pages: README, articles, and two pages in `.github`.
///
/// A page is given by its path, relative to the root of the project.
enum DocumentationPages {
    /// The paths of all pages.
    static let all: [String] = {
        let files = FileManager.default.enumerator(
            atPath: Snippet.root.appendingPathComponent("Sources").path
        )
        let articles = (files?.compactMap { $0 as? String } ?? [])
            .filter { $0.contains(".docc/") && $0.hasSuffix(".md") }.map { "Sources/" + $0 }
        return ["README.md", ".github/CONTRIBUTING.md", ".github/CHANGELOG.md"] + articles.sorted()
    }()

    /// The path of the folder with the pages about the programs, relative to the root of the project.
    static let catalogue = "Sources/fetchpool/fetchpool.docc"

    /// Returns the text of a page.
    static func text(_ page: String) throws -> String {
        try String(contentsOf: Snippet.root.appendingPathComponent(page), encoding: .utf8)
    }

    /// Returns the text of a page without fenced blocks.
    static func prose(_ page: String) throws -> String {
        let parts = try ("\n" + text(page)).components(separatedBy: "\n```")
        return parts.enumerated().filter { $0.offset % 2 == 0 }.map(\.element).joined(separator: "\n")
    }

    /// Returns the anchors that GitHub gives the headings of a page.
    static func anchors(_ page: String) throws -> Set<String> {
        let headings = try prose(page).split(separator: "\n").filter { $0.hasPrefix("#") }
        return Set(
            headings.map { heading in
                let words = heading.drop { $0 == "#" }.dropFirst().lowercased()
                return words.filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == " " }
                    .replacing(" ", with: "-")
            }
        )
    }
}
