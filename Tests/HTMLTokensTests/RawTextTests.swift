// SPDX-License-Identifier: MIT
// fetchpool

import HTMLTokens
import Testing

/// Tests RCDATA, raw text, scripts and plain text (HTML §13.2.5.2 to 13.2.5.5, and 13.2.5.9 to 13.2.5.31).
struct RawTextTests {
    private func tokens(_ html: String, _ syntax: HTMLSyntax, in name: String) -> [ShownToken] {
        ShownToken.all(of: Array(html.utf8), syntax: syntax, lastStartTag: name)
    }

    @Test(arguments: [HTMLSyntax.rcdata, .rawText, .script])
    func textEndsAtTheEndTagOfItsElement(syntax: HTMLSyntax) {
        #expect(
            tokens("<b></b><!-- </TitlE ><i>", syntax, in: "title")
                == [.text("<b></b><!-- "), .endTag("title"), .startTag("i", [], isSelfClosing: false)]
        )
        #expect(tokens("a</title/>b", syntax, in: "title") == [.text("a"), .endTag("title"), .text("b")])
    }

    @Test(
        arguments: [HTMLSyntax.rcdata, .rawText, .script],
        [
            "a</titl>", "a</titles>", "a</ title>", "a<title>", "a</title", "a<", "a</", "a</script>",
            "a<//title>",
        ]
    )
    func markupOtherThanTheEndTagOfTheElementIsText(syntax: HTMLSyntax, html: String) {
        #expect(tokens(html, syntax, in: "title") == [.text(html)])
    }

    @Test func anEndTagIsIgnoredIfThePageEndsAfterItsBlank() {
        #expect(tokens("a</title ", .rcdata, in: "title") == [.text("a")])
    }

    @Test func rcdataHasReferencesButRawTextScriptsAndPlainTextHaveNone() {
        #expect(tokens("&lt;\0\r\n", .rcdata, in: "title") == [.text("<\u{FFFD}\n")])
        #expect(tokens("&lt;\0\r\n", .rawText, in: "style") == [.text("&lt;\u{FFFD}\n")])
        #expect(tokens("&lt;\0\r\n", .script, in: "script") == [.text("&lt;\u{FFFD}\n")])
        #expect(
            tokens("&lt;\0</plaintext>", .plainText, in: "plaintext") == [.text("&lt;\u{FFFD}</plaintext>")]
        )
    }

    @Test(
        arguments: [
            ("a", ""), ("<!-- <script> x </script> y -->", ""), ("<!--<script>a</script>", "-->"),
            ("<!-- a --><b>", ""),
            ("<!-- <script>", "</script>-->b"), ("<!--<script>--></script>", nil), ("<!--><script>", ""),
            ("<!---><script>", ""), ("<!-- <scripts>", ""), ("<!-- <script/", "</script>"),
            ("<!-- <SCRIPT\n", "</ScripT >"),
            ("<!-- <script>-</script>--", "b"), ("<!-- <script>--", "<b></script>x"), ("<! -- <script>", ""),
            ("<!-- <script></script <script>", "</script>"), ("<!-- </scripts>", ""),
            ("<!-- <script ---", ">"),
        ] as [(String, String?)]
    )
    func aScriptEndsWhereBrowsersEndIt(script: String, rest: String?) {
        // If `rest` is `nil`, the end tag in `script` ends the script. Otherwise the script consists of
        // `script` and `rest`. Only the end tag that the test appends ends this script.
        guard let rest else {
            #expect(
                tokens("\(script)b", .script, in: "script") == [
                    .text("<!--<script>-->"), .endTag("script"), .text("b"),
                ]
            )
            return
        }
        #expect(
            tokens("\(script)\(rest)</script>b", .script, in: "script")
                == [.text(script + rest), .endTag("script"), .text("b")]
        )
    }

    @Test func aScriptIsTextToTheEndOfThePageIfNoEndTagEndsIt() {
        let html = "<!-- <script> </scripty> </script> </ script>"
        #expect(tokens(html, .script, in: "script") == [.text(html)])
    }
}
