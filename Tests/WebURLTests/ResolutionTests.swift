// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@Suite struct ResolutionTests {
    @Test(arguments: [
        ("", "http://u:p@a:81/b/c?d"), ("#x", "http://u:p@a:81/b/c?d#x"), ("?x", "http://u:p@a:81/b/c?x"),
        ("?", "http://u:p@a:81/b/c?"), ("x", "http://u:p@a:81/b/x"), ("x?y#z", "http://u:p@a:81/b/x?y#z"),
        ("./x", "http://u:p@a:81/b/x"), ("../x", "http://u:p@a:81/x"), ("../../x", "http://u:p@a:81/x"),
        (".", "http://u:p@a:81/b/"), ("..", "http://u:p@a:81/"), ("/x", "http://u:p@a:81/x"),
        ("\\x", "http://u:p@a:81/x"), ("/", "http://u:p@a:81/"), ("/../x", "http://u:p@a:81/x"),
        ("//x", "http://x/"), ("\\\\x", "http://x/"), ("/\\x", "http://x/"), ("////x", "http://x/"),
        ("//u@x", "http://u@x/"), ("http:x", "http://u:p@a:81/b/x"), ("http:/x", "http://u:p@a:81/x"),
        ("http:", "http://u:p@a:81/b/c?d"), ("http:?x", "http://u:p@a:81/b/c?x"),
        ("http:#x", "http://u:p@a:81/b/c?d#x"), ("http://x", "http://x/"), ("http:\\\\x", "http://x/"),
        ("https:x", "https://x/"), ("https:/x", "https://x/"), ("1:2", "http://u:p@a:81/b/1:2"),
        (" \t x \n", "http://u:p@a:81/b/x"), ("data:,x", "data:,x"), (";x", "http://u:p@a:81/b/;x"),
    ])
    func referencesAreResolvedAgainstTheBase(text: String, expected: String) {
        #expect(href(text, against: "http://u:p@a:81/b/c?d#e") == expected)
    }

    @Test(arguments: ["//", "http://", "///", "mailto:a@b", "x:y", "javascript:void(0)", "https:"])
    func referencesToOtherSchemesOrWithoutAHostAreRefused(text: String) {
        #expect(href(text, against: "http://a/b") == nil)
    }

    @Test func onlyFragmentsAndWholeURLsResolveAgainstADataURL() {
        #expect(href("#x", against: "data:,y") == "data:,y#x")
        for text in ["", "x", "?x", "/x", "//x"] { #expect(href(text, against: "data:,y") == nil) }
        #expect(href("http://x", against: "data:,y") == "http://x/")
    }

    @Test func aSlashInTheQueryOfTheBaseDoesNotCount() {
        #expect(href("x", against: "http://a?b/c") == "http://a/x")
        #expect(href("..", against: "http://a/b/c/d?e/f") == "http://a/b/")
    }
}
