// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Testing

/// Tests of the project's pages (`DocumentationPages`).
///
/// The tests check links, names of files, quoted messages, counts of files, the lengths of two pages, and the
/// marks around tables.
struct DocumentationLinkTests {
    @Test(arguments: DocumentationPages.all)
    func relativeLinksLeadToFilesAndHeadings(page: String) throws {
        let folder = URL(fileURLWithPath: page).deletingLastPathComponent().relativePath
        for link in try DocumentationPages.prose(page).matches(of: /\]\(([^)\s]+)\)/).map(\.output.1)
        where !link.contains(":") {
            let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            let target = parts[0].isEmpty ? page : folder == "." ? String(parts[0]) : "\(folder)/\(parts[0])"
            let path = Snippet.root.appendingPathComponent(target).path
            #expect(FileManager.default.fileExists(atPath: path), "\(page): \(link)")
            guard parts.count == 2 else { continue }
            #expect(try DocumentationPages.anchors(target).contains(String(parts[1])), "\(page): \(link)")
        }
    }

    @Test(arguments: DocumentationPages.all)
    func namedSourceFilesExist(page: String) throws {
        let folder = URL(fileURLWithPath: page).deletingLastPathComponent().deletingLastPathComponent()
        for file in try DocumentationPages.prose(page).matches(of: /`([\w+.\/-]+\/[\w+.-]+\.(?:swift|c))`/)
            .map(\.output.1)
        {
            // The path is relative to `Sources`, to the folder of the target whose catalog has the page, or
            // to `Sources/ProcessPool`.
            let places = [
                "Sources/\(file)", "\(folder.relativePath)/\(file)", "Sources/ProcessPool/\(file)",
            ]
            let exists = places.contains {
                FileManager.default.fileExists(atPath: Snippet.root.appendingPathComponent($0).path)
            }
            #expect(exists, "\(page): \(file)")
        }
    }

    /// Each message in the first column of `WhenThingsGoWrong.md` occurs in the sources.
    ///
    /// A message is a text in backquotes that contains a space. It is split at each `…` and `'`, because some
    /// parts are filled in at run time. Pieces of fewer than 10 characters are not checked.
    @Test func explainedMessagesOccurInTheSources() throws {
        let root = Snippet.root.appendingPathComponent("Sources")
        let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        let sources = try (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }
            .map { try String(contentsOf: $0, encoding: .utf8) }.joined()
        let page = try DocumentationPages.prose(DocumentationPages.catalogue + "/WhenThingsGoWrong.md")
        let cells = page.split(separator: "\n").filter { $0.hasPrefix("| ") }
            .map { $0.replacing("\\|", with: "").split(separator: "|")[0] }
        let quoted = cells.flatMap { $0.matches(of: /`([^`]+ [^`]+)`/).map(\.output.1) }
        let pieces = quoted.flatMap { $0.split { "…'".contains($0) } }.filter { $0.count > 9 }
        #expect(pieces.count > 20)
        for piece in pieces { #expect(sources.contains(piece), "\(piece)") }
    }

    /// In `Architecture.md`, each walk through the sources states the number of files that the walk names.
    @Test func walksCountTheirFiles() throws {
        let text = try DocumentationPages.text(DocumentationPages.catalogue + "/Architecture.md")
        let walks = text.components(separatedBy: "\n### ").filter { $0.contains("These are ") }
        #expect(walks.count == 2)
        for walk in walks {
            let said = try #require(walk.firstMatch(of: /These are (\d+) files/)?.output.1)
            let files = Set(walk.matches(of: /`([\w+.\/-]+\/[\w+.-]+\.(?:swift|c))`/).map(\.output.1))
            #expect(Int(said) == files.count)
        }
    }

    /// If a name has no folder, the file is in the folder of the last earlier name that has a folder.
    @Test func filesNamedInTheArchitectureExist() throws {
        let text = try DocumentationPages.text(DocumentationPages.catalogue + "/Architecture.md")
        let sources = Snippet.root.appendingPathComponent("Sources")
        var folder = sources
        let names = text.matches(of: /`([\w+.\/-]+\.(?:swift|c))`/).map { String($0.output.1) }
        #expect(names.count > 150)
        for name in names where name != "Package.swift" {
            if name.contains("/") {
                folder = sources.appendingPathComponent(name).deletingLastPathComponent()
            }
            let file = folder.appendingPathComponent((name as NSString).lastPathComponent)
            #expect(FileManager.default.fileExists(atPath: file.path), "\(name)")
        }
    }

    @Test func readmeAndContributingStayShort() throws {
        #expect(try DocumentationPages.text("README.md").utf8.count < 9_000)
        let lines = try DocumentationPages.text(".github/CONTRIBUTING.md").split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        #expect(lines.count <= 41, "at most 40 lines, and the empty text after the last line feed")
    }

    /// `Scripts/bench --readme` writes its tables between two marks, which begin with `<!-- bench`.
    @Test(arguments: ["README.md", DocumentationPages.catalogue + "/Benchmark.md"])
    func tablesAreBetweenMarks(page: String) throws {
        let lines = try DocumentationPages.text(page).split(separator: "\n")
        let begin = try #require(lines.firstIndex { $0.hasPrefix("<!-- bench: ") })
        let end = try #require(lines.firstIndex(of: "<!-- bench -->"))
        #expect(lines[begin..<end].contains { $0.hasPrefix("|---|") })
        #expect(lines.filter { $0.hasPrefix("<!-- bench") }.count == 2)
    }
}
