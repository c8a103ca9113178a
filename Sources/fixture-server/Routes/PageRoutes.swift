// SPDX-License-Identifier: MIT
// fetchpool

/// `/page/N` and `/task/WHAT`: web pages of about 50 KB.
enum PageRoutes {
    static var all: [String: Route] {
        ["page": { request, site in page(request, site) }, "task": { request, site in task(request, site) }]
    }

    private static let type = "text/html; charset=utf-8"

    private static func page(_ request: Request, _ site: Site) -> Reply {
        guard let number = request.number(0, upTo: Int.max) else { return .usage("/page/N") }
        return .content(type, site.pages.page(number))
    }

    /// A page that tells the fixture's processor what to do; what follows WHAT only makes URLs differ.
    private static func task(_ request: Request, _ site: Site) -> Reply {
        guard let what = request.parameters.first, !what.isEmpty else { return .usage("/task/WHAT") }
        let decoded = escapedForHTML(decodedPercents(what))
        return .content(type, site.pages.page(0, insert: "<meta name=\"fixture\" content=\"\(decoded)\">\n"))
    }

    /// `text` with each `%XX` as the byte it stands for.
    private static func decodedPercents(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = String(Substring(rest.prefix(2)))
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2, let value = UInt8(digits, radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func escapedForHTML(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "\"": escaped += "&quot;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
