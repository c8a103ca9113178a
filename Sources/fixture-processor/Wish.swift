// SPDX-License-Identifier: MIT
// fetchpool

/// What a page asks for: a verb, and a number behind a colon where the verb takes one.
struct Wish {
    let verb: String
    let number: Int?

    /// Searches a page for `<meta name="fixture" content="VERB:NUMBER">`, spelled just so.
    static func find(in page: [UInt8]) -> Wish? {
        let opening = Array("<meta name=\"fixture\" content=\"".utf8)
        var start = page.startIndex
        while let tag = page[start...].firstIndex(of: UInt8(ascii: "<")) {
            if page[tag...].starts(with: opening) {
                let content = page[(tag + opening.count)...].prefix { $0 != UInt8(ascii: "\"") }
                return Wish(content: String(decoding: content, as: UTF8.self))
            }
            start = tag + 1
        }
        return nil
    }

    private init(content: String) {
        let parts = content.split(separator: ":", maxSplits: 1)
        verb = parts.first.map(String.init) ?? ""
        number = parts.count == 2 ? Int(parts[1]) : nil
    }
}
