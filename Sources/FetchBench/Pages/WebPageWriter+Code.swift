// SPDX-License-Identifier: MIT
// fetchpool

/// The parts of a page that no reader sees: scripts, styles and comments.
extension WebPageWriter {
    /// Writes one or two scripts, together at most about `size` bytes.
    ///
    /// As on real pages, about half of all scripts only name a file, and a few scripts have most of the
    /// bytes.
    mutating func writeScript(most size: Int) {
        if random(below: 100) < 90 {
            write(
                "<script type=\"text/javascript\" src=\"\(asset(".js?ver=6.\(random(below: 9))"))\"></script>"
            )
            newLine()
        }
        let isLarge = random(below: 8) == 0
        let end =
            text.utf8.count
            + min(isLarge ? 3_000 + random(below: 7_000) : 40 + random(below: 900), size - 400)
        if random(below: 10) == 0 {
            write(
                "<script type=\"application/ld+json\">{\"@context\":\"https:\\/\\/schema.org\",\"@graph\":["
            )
            while text.utf8.count < end { write("{\"@type\":\"\(word())\",\"name\":\"\(words(3))\"},") }
            write("{}]}</script>")
        } else {
            write("<script>\n/* <![CDATA[ */ var settings_\(random(below: 999)) = {};\n")
            while text.utf8.count < end {
                write(
                    "if (a.\(word()) < b && !window[\"\(slug())\"]) { c(\"<div class='x'>\" + \(word())(d)); }"
                )
                write(random(below: 2) == 0 ? "\n" : ";function e(n,t){return n>>>t|n<<32-t}")
            }
            write("/* ]]> */\n</script>")
        }
    }

    /// Writes a style sheet of at most about `size` bytes.
    mutating func writeStyle(most size: Int) {
        let end = text.utf8.count + min(300 + random(below: 9_000), size - 300)
        write("<style id=\"\(slug())-inline-css\">")
        while text.utf8.count < end {
            write(".\(slug()) > a:hover{color:#\(100 + random(below: 899));margin:0 \(random(below: 9))px}")
        }
        write("</style>")
    }

    /// Writes a comment: mostly a name of a few words, sometimes markup.
    mutating func writeComment() {
        switch random(below: 12) {
        case 0: write("<!--[if lt IE 9]><script src=\"\(asset(".js"))\"></script><![endif]-->")
        case 1:
            write("<!-- ")
            for _ in 0..<8 { write("<li class=\"\(slug())\"><a href=\"\(target())\">\(words(2))</a></li>\n") }
            write("-->")
        default: write("<!-- /.\(slug()) -->")
        }
    }
}
