// SPDX-License-Identifier: MIT
// fetchpool

/// The beginning of a page: its head, and the start tag of its body.
extension WebPageWriter {
    /// Writes the beginning of a page that will have about `size` bytes.
    ///
    /// The head is shorter on short pages.
    mutating func writeHead(_ size: Int) {
        let title = "Page \(number): \(words(6))"
        write("<!DOCTYPE html>\n<html lang=\"en\" prefix=\"og: http://ogp.me/ns#\">\n<head>\n")
        write("<meta charset=\"utf-8\">\n<title>\(title) &#8211; \(words(2))</title>\n")
        write("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        write("<meta name=\"description\" content=\"\(words(18)) &amp; more.\">\n")
        write("<link rel=\"canonical\" href=\"https://www.site\(number % 40).test/\(slug())/\">\n")
        for name in ["og:title", "og:description", "twitter:title"] {
            write("<meta property=\"\(name)\" content=\"\(title)\" />\n")
        }
        write("<meta property=\"og:image\" content=\"\(asset(".jpg"))\" />\n")
        for _ in 0..<min(24, size / 6_000) { writeReference() }
        write("</head>\n<body class=\"\(slug()) \(slug()) wp-custom-logo\">\n")
    }

    /// Writes one of the many elements of a head: metadata, a style sheet, or a font.
    private mutating func writeReference() {
        switch random(below: 3) {
        case 0: write("<meta name=\"\(slug())\" content=\"\(words(5))\" />\n")
        case 1:
            let name = slug()
            write("<link rel=\"stylesheet\" id=\"\(name)-css\" href=\"\(asset(".css"))\" media=\"all\" />\n")
        default: write("<link rel=\"preload\" as=\"font\" href=\"\(asset(".woff2"))\" crossorigin>\n")
        }
    }
}
