// SPDX-License-Identifier: MIT
// fetchpool

/// The body of a page: blocks in random order, each kind with its share of the bytes.
extension WebPageWriter {
    private enum Block: Int, CaseIterable {
        case menu, article, card, form, drawing, script, style, comment

        /// The share of the body's bytes.
        ///
        /// The shares are chosen so that `PageComposition` counts about the same numbers as in real pages.
        var share: Double {
            switch self {
            case .menu: 0.13
            case .article: 0.10
            case .card: 0.325
            case .form: 0.03
            case .drawing: 0.045
            case .script: 0.215
            case .style: 0.12
            case .comment: 0.036
            }
        }
    }

    /// Writes blocks until the page has about `size` bytes, and ends the page.
    mutating func writeBody(_ size: Int) {
        // The counters begin at random values, so that the order of the blocks differs from page to page.
        var written = Block.allCases.map { Double(random(below: 2_000)) * $0.share }
        while text.utf8.count < size - 600 {
            let block = Block.allCases.min {
                written[$0.rawValue] / $0.share < written[$1.rawValue] / $1.share
            }
            guard let block else { break }
            let begin = text.utf8.count
            write(block, most: size - begin)
            newLine()
            written[block.rawValue] += Double(text.utf8.count - begin)
        }
        write("</body>\n</html>\n")
    }

    private mutating func write(_ block: Block, most size: Int) {
        switch block {
        case .menu: writeMenu()
        case .article: writeArticle()
        case .card: writeCard()
        case .form: writeForm()
        case .drawing: writeDrawing()
        case .script: writeScript(most: size)
        case .style: writeStyle(most: size)
        case .comment: writeComment()
        }
    }

    private mutating func writeMenu() {
        write("<ul id=\"menu-\(slug())\" class=\"menu sub-menu\">")
        for _ in 0..<4 + random(below: 5) {
            let id = random(below: 9_000)
            newLine()
            write("<li class=\"menu-item menu-item-type-page menu-item-\(id)\">")
            let title = random(below: 4) == 0 ? " title=\"\(words(3))\"" : ""
            write("<a href=\"\(target())\"\(title)>\(words(2))</a></li>")
        }
        newLine()
        write("</ul>")
    }

    private mutating func writeArticle() {
        write("<div class=\"entry-content \(slug())\" itemprop=\"text\">")
        for _ in 0..<2 + random(below: 3) {
            newLine()
            write("<p>")
            for _ in 0..<5 + random(below: 7) { writePhrase() }
            write("</p>")
        }
        newLine()
        write("</div>")
    }

    /// Writes a few words of an article, with a tag, a character reference or a comma.
    private mutating func writePhrase() {
        let phrase = words(4)
        switch random(below: 20) {
        case 0: write("<a href=\"\(target())\" target=\"_blank\" rel=\"noopener\">\(phrase)</a>, ")
        case 1: write("<strong>\(phrase)</strong> ")
        case 2: write("<em>\(phrase)</em>. ")
        case 3: write("\(phrase)&nbsp;&amp; ")
        case 4: write("&#8220;\(phrase)&#8221; ")
        case 5: write("\(phrase)<br />\n")
        case 6: write("\(phrase)&#8217;s ")
        default: write("\(phrase), ")
        }
    }

    private mutating func writeCard() {
        let (id, link, title) = (random(below: 90_000), target(), words(6))
        write("<div class=\"post-card col-md-\(id % 12) \(slug())\" id=\"post-\(id)\"")
        if id % 3 == 0 {
            write(" data-settings=\"{&quot;id&quot;:\(id),&quot;type&quot;:&quot;post&quot;}\"")
        }
        write(">")
        newLine()
        write("<div class=\"post-thumbnail \(slug())\">")
        if id % 2 == 0 { write("<a class=\"post-link\" href=\"\(link)\">") }
        write("<img width=\"300\" height=\"169\" ")
        let image = asset(".jpg")
        write("src=\"\(image)\" class=\"attachment-medium\" alt=\"\(words(4))\"")
        if id % 4 == 0 {
            write(" srcset=\"\(image) 300w, \(asset(".jpg")) 768w\" sizes=\"(max-width: 300px) 100vw\"")
        }
        write(id % 2 == 0 ? "></a></div>" : "></div>")
        newLine()
        write(
            "<h3 class=\"entry-title post-title \(slug())\"><a href=\"\(link)\" title=\"\(title)\">\(title)</a></h3>"
        )
        newLine()
        write(
            "<div style=\"margin-top: \(id % 20)px;\"><span class=\"date\"><i class=\"icon icon-clock\"></i> "
        )
        write("\(1 + id % 28) May 2024</span> <span class=\"author\">\(words(2))</span></div>")
        newLine()
        write("</div>")
    }

    private mutating func writeForm() {
        write("<form action=\"/search\" method=\"get\" class=\"\(slug())\">")
        for _ in 0..<3 {
            let name = slug()
            newLine()
            write("<label for=\"\(name)\">\(words(2))</label>")
            write(
                "<input type=\"text\" id=\"\(name)\" name=\"\(name)\" value='\(words(1))' placeholder=\"\(words(2))\">"
            )
        }
        write("<select name=\"\(slug())\">")
        for option in 0..<4 { write("<option value=\"\(option)\">\(words(1))</option>") }
        write("</select></form>")
        newLine()
        write("<table><tr><td>\(words(2))</td><td align=right>\(random(below: 99))</td></tr></table>")
    }

    private mutating func writeDrawing() {
        write("<button type=\"button\" aria-label=\"\(words(2))\" onclick=\"return open_\(number)(this);\">")
        write("<svg class=\"icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path fill=\"none\" d=\"M0 0")
        for _ in 0..<52 { write("c\(random(below: 20)).\(random(below: 99))-\(random(below: 9)) ") }
        write("z\"/></svg></button>")
    }
}
