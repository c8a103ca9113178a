// SPDX-License-Identifier: MIT
// fetchpool

import ResponseProcessors
import Testing

/// Tests of the text, the header fields and the JSON that a processor can take from a response.
struct ResponseContentTests {
    private func response(
        _ body: [UInt8],
        type: String? = "text/html",
        charset: String? = nil,
        header: [FetchedResponse.Field] = []
    ) -> FetchedResponse {
        FetchedResponse(
            url: "http://h.test/",
            header: header,
            contentType: type,
            charset: charset,
            body: body
        )
    }

    @Test(
        arguments: [
            (Array("é".utf8), "text/html", nil, "é"),
            ([0xE9], "text/html", nil, "é"),
            ([0xE9], "text/html", "iso-8859-2", "é"),
            ([0xE6], "text/html", "iso-8859-2", "ć"),
            ([0xE6], "text/html", "nosuch", "æ"),
            ([0xEF, 0xBB, 0xBF, 0x61], "text/html", "iso-8859-2", "a"),
            ([0xFF, 0xFE, 0x61, 0x00], "text/html", nil, "a"),
            ([0x61, 0xFF, 0x62], "text/html", "utf-8", "a\u{FFFD}b"),
            (Array("<meta charset=koi8-r>".utf8) + [0xC1], "text/html", nil, "<meta charset=koi8-r>а"),
            (Array("<meta charset=koi8-r>".utf8) + [0xC1], nil, nil, "<meta charset=koi8-r>а"),
            // In plain text, a `meta` element declares no encoding.
            (Array("<meta charset=koi8-r>".utf8) + [0xC1], "text/plain", nil, "<meta charset=koi8-r>Á"),
            (
                Array(#"<?xml version="1.0" encoding="koi8-r"?>"#.utf8) + [0xC1], "application/rss+xml", nil,
                #"<?xml version="1.0" encoding="koi8-r"?>а"#
            ),
            (Array("\"<meta charset=koi8-r>é".utf8), "application/json", nil, "\"<meta charset=koi8-r>é"),
            // In XML, a `meta` element declares no encoding.
            (Array("<meta charset=koi8-r>é".utf8), "text/xml", nil, "<meta charset=koi8-r>é"),
            (Array("<meta charset=koi8-r>".utf8) + [0xC1], "unknown/unknown", nil, "<meta charset=koi8-r>а"),
            ([], "text/html", nil, ""),
        ] as [([UInt8], String?, String?, String)]
    )
    func textIsDecodedAsBrowsersDo(body: [UInt8], type: String?, charset: String?, text: String) {
        #expect(response(body, type: type, charset: charset).text == text)
    }

    @Test func fieldsAreFoundByNamesInAnyCase() {
        let page = response(
            [],
            header: [
                .init(name: "content-type", value: "text/html"), .init(name: "link", value: "<a>"),
                .init(name: "set-cookie", value: "a=1"), .init(name: "Link", value: "<b>"),
                .init(name: "set-cookie", value: "b=2, c"), .init(name: "x-empty", value: ""),
            ]
        )
        #expect(page[header: "Content-Type"] == "text/html")
        #expect(page[header: "LINK"] == "<a>, <b>")
        #expect(page.values(of: "Set-Cookie") == ["a=1", "b=2, c"])
        #expect(page[header: "x-empty"] == "")
        #expect(page[header: "x-nosuch"] == nil)
        #expect(page.values(of: "x-nosuch") == [])
    }

    @Test func bodyAndTaskAreReadAsJSON() throws {
        var page = response([0xEF, 0xBB, 0xBF] + Array(#"{"price": 19.90}"#.utf8), type: "application/json")
        page.task = Array(#"{"url":"u","meta":{"n":3}}"#.utf8)
        #expect(try page.json["price"].numberText == "19.90")
        #expect(try page.taskJSON["meta"]["n"].integer() == 3)
        let error = #expect(throws: JSONReaderError.self) { try response([0x7B]).json }
        #expect(error?.description.hasPrefix("the JSON text is not valid: ") == true)
    }
}
