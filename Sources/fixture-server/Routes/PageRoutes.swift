// SPDX-License-Identifier: MIT
// fetchpool

/// The routes `/page/N` and `/task/WHAT`: web pages of about 50 KB.
enum PageRoutes {
    static var all: [String: Route] {
        ["page": { request, site in page(request, site) }, "task": { request, site in task(request, site) }]
    }

    private static let type = "text/html; charset=utf-8"

    private static func page(_ request: Request, _ site: Site) -> Reply {
        guard let number = request.number(0, upTo: Int.max) else { return .usage("/page/N") }
        return .content(type, site.pages.page(number))
    }

    /// Makes a page that tells the program `fixture-processor` what to do.
    ///
    /// A path may continue after WHAT, so that there can be many URLs with the same WHAT.
    private static func task(_ request: Request, _ site: Site) -> Reply {
        guard let what = request.parameters.first, !what.isEmpty else { return .usage("/task/WHAT") }
        let decoded = escapedForHTML(what.percentDecoded)
        return .content(type, site.pages.page(0, insert: "<meta name=\"fixture\" content=\"\(decoded)\">\n"))
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
