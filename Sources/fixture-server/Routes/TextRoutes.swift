// SPDX-License-Identifier: MIT
// fetchpool

/// The route `/text/ENCODING`: one page in several encodings, declared in different ways.
enum TextRoutes {
    static var all: [String: Route] { ["text": { request, _ in text(request) }] }

    private static func text(_ request: Request) -> Reply {
        switch request.parameters.first {
        case "latin1": .content("text/html; charset=iso-8859-1", latin1(page(meta: "")))
        case "meta-latin1": .content("text/html", latin1(page(meta: "<meta charset=\"iso-8859-1\">\n")))
        case "utf16": .content("text/html", utf16(page(meta: "")))
        default: .usage("/text/ENCODING with latin1, meta-latin1 or utf16")
        }
    }

    private static func page(meta: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="fr">
        <head>
        \(meta)<title>Caf\u{E9} cr\u{E8}me</title>
        </head>
        <body>
        <p>D\u{E9}j\u{E0} vu \u{E0} No\u{EB}l, <a href="/get">fa\u{E7}ade</a>.</p>
        </body>
        </html>

        """
    }

    private static func latin1(_ text: String) -> [UInt8] {
        text.unicodeScalars.map { UInt8($0.value) }
    }

    /// Returns UTF-16, little-endian, with a byte order mark.
    private static func utf16(_ text: String) -> [UInt8] {
        ([0xFEFF] + Array(text.utf16)).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    }
}
