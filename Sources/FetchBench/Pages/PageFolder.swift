// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import LoopbackFixture

/// The folder of the pages to serve: generated pages, or the pages of a corpus.
struct PageFolder: Sendable {
    /// The path of the folder.
    let path: String
    /// The files of the pages, in the order of their numbers; their names in the folder are `N.html`.
    ///
    /// The pages of about 50 KB (`evenPages`) are not among them.
    let files: [String]
    /// The mean size of the pages in `files`, in bytes.
    let meanSize: Double
    /// The number of generated pages of about 50 KB; their names in the folder are `even-N.html`.
    static let evenPages = 100
    /// True if the pages are generated.
    let isGenerated: Bool

    /// Makes the folder and fills it with generated pages, or with links to the HTML files below `corpus`.
    ///
    /// The pages of about 50 KB are always added.
    ///
    /// - Throws: `BenchError` if `corpus` has no HTML files; an error of Foundation if a file cannot be used.
    init(in folder: TemporaryFolder, corpus: String? = nil) throws {
        path = folder.path + "/pages"
        isGenerated = corpus == nil
        let manager = FileManager.default
        try manager.createDirectory(atPath: path, withIntermediateDirectories: false)
        var files: [String] = []
        if let corpus {
            for file in try Self.pages(below: corpus) {
                let link = "\(path)/\(files.count).html"
                try manager.createSymbolicLink(atPath: link, withDestinationPath: file)
                files.append(link)
            }
        } else {
            for number in 0..<WebPages.count {
                files.append(try folder.write(Data(WebPages.page(number)), to: "pages/\(number).html"))
            }
        }
        for number in 0..<Self.evenPages {
            let page = WebPageWriter.page(WebPages.count + number, size: 50_000)
            _ = try folder.write(Data(page), to: "pages/even-\(number).html")
        }
        self.files = files
        let sizes = try files.map {
            try Data(contentsOf: URL(fileURLWithPath: $0), options: .alwaysMapped).count
        }
        meanSize = Double(sizes.reduce(0, +)) / Double(files.count)
    }

    /// The number and the mean size of the pages, for example `100 generated pages of 149 KB on average`.
    var text: String {
        let kind = isGenerated ? "generated pages" : "pages of the corpus"
        return "\(Figure.grouped(files.count)) \(kind) of \(Figure.short(meanSize / 1_000)) KB on average"
    }

    /// Returns the number of tasks: `number`, rounded to a positive multiple of the number of pages.
    ///
    /// Each page is then fetched equally often. A `number` less than the number of generated pages is not
    /// rounded.
    func tasks(_ number: Int) -> Int {
        if isGenerated, number < files.count { return number }
        return max(1, (number + files.count / 2) / files.count) * files.count
    }

    /// Returns the HTML files below a folder, without empty files, in the order of their paths.
    ///
    /// - Throws: `BenchError` if there are none.
    static func pages(below folder: String) throws(BenchError) -> [String] {
        let root = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        let pages = names.filter { name in
            guard [".html", ".htm"].contains(where: name.lowercased().hasSuffix) else { return false }
            let file = URL(fileURLWithPath: root + "/" + name).resolvingSymlinksInPath().path
            let traits = try? FileManager.default.attributesOfItem(atPath: file)
            return traits?[.type] as? FileAttributeType == .typeRegular && traits?[.size] as? Int != 0
        }
        guard !pages.isEmpty else {
            throw BenchError("'\(folder)' holds no HTML files; name a folder that does")
        }
        return pages.sorted().map { root + "/" + $0 }
    }
}
