// SPDX-License-Identifier: MIT
// fetchpool

/// The act that a page asks for: a verb and its numbers, separated by colons.
struct Wish {
    let verb: String
    private let numbers: [Int]

    /// Returns the number at `index`; 0 if the page gives none there, or a text that is not a number.
    subscript(index: Int) -> Int { index < numbers.count ? numbers[index] : 0 }

    /// Returns the wish of the first `<meta name="fixture" content="WISH">` in a page; `nil` if there is no
    /// such tag.
    ///
    /// The tag must be written exactly as shown, up to the quotation mark before WISH.
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
        let parts = content.split(separator: ":")
        verb = parts.first.map(String.init) ?? ""
        numbers = parts.dropFirst().map { Int($0) ?? 0 }
    }
}
