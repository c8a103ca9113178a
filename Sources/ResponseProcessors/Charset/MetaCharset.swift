// SPDX-License-Identifier: MIT
// fetchpool

/// Finds the charset that a page names in itself.
enum MetaCharset {
    /// The value of the first `charset=` inside a `<meta` tag, as in `<meta charset=…>` and `content="text/html; charset=…"`.
    static func find(in head: Span<UInt8>) -> String? {
        var position = 0
        while let tag = index(of: "<meta", in: head, from: position) {
            position = tag + 5
            let end = index(of: ">", in: head, from: position) ?? head.count
            if let name = index(of: "charset", in: head, from: position), name < end,
                let label = label(in: head, from: name + 7, to: end)
            {
                return label
            }
            position = end
        }
        return nil
    }

    private static func label(in head: Span<UInt8>, from start: Int, to end: Int) -> String? {
        var position = start
        while position < end, head[position] <= 0x20 { position += 1 }
        guard position < end, head[position] == UInt8(ascii: "=") else { return nil }
        position += 1
        while position < end, head[position] <= 0x20 || isQuote(head[position]) { position += 1 }
        var label: [UInt8] = []
        while position < end, head[position] > 0x20, !isQuote(head[position]),
            head[position] != UInt8(ascii: ";"),
            head[position] != UInt8(ascii: "/")
        {
            label.append(head[position])
            position += 1
        }
        return label.isEmpty ? nil : String(decoding: label, as: UTF8.self)
    }

    private static func isQuote(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
    }

    /// Where `word`, which is in lower case, first stands at or after `start`, in any letter case.
    private static func index(of word: String, in bytes: Span<UInt8>, from start: Int) -> Int? {
        let word = Array(word.utf8)
        var position = start
        while position + word.count <= bytes.count {
            var matched = 0
            while matched < word.count, lowered(bytes[position + matched]) == word[matched] { matched += 1 }
            if matched == word.count { return position }
            position += 1
        }
        return nil
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }
}
