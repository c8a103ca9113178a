// SPDX-License-Identifier: MIT
// fetchpool

import Testing
import TextEncodings

/// Tests the encoding that a page itself names (HTML standard 13.2.3.2).
struct PrescanTests {
    private func declared(_ page: String) -> TextEncoding? {
        declared(Array(page.utf8))
    }

    private func declared(_ page: [UInt8]) -> TextEncoding? {
        PageEncoding.declared(by: page)
    }

    @Test(arguments: [
        "<meta charset=koi8-r>", "<META CHARSET='KOI8-R'/>", "<meta charset = \" koi8-r \" >",
        "<meta\ncharset=koi8-r>",
        "<meta/charset=koi8-r>", "<meta a=b c charset=koi8-r>", "<meta charset=koi8-r charset=utf-8>",
        "<meta http-equiv=content-type content=\"text/html; charset=koi8-r\">",
        "<meta content=\"text/html;charset='koi8-r'\" http-equiv=Content-Type>",
        "<meta http-equiv=content-type content='charset charset = koi8-r;x'>",
        "<meta http-equiv=content-type content='charset=koi8-r x'>",
        "<meta http-equiv=content-type content=xcharset=koi8-r>",
        "<p title='<meta charset=utf-8>'><meta charset=koi8-r>", "<a b=c/><meta charset=koi8-r>",
        "<!-- <meta charset=utf-8> --><meta charset=koi8-r>", "<!--><meta charset=koi8-r>",
        "<!---><meta charset=koi8-r>",
        "<!doctype html><meta charset=koi8-r>", "<!x <meta charset=koi8-r>--><meta charset=koi8-r>",
        "</x y='<meta charset=utf-8>'><meta charset=koi8-r>", "</ <meta charset=utf-8><meta charset=koi8-r>",
        "<?php <meta charset=utf-8><meta charset=koi8-r>", "<<meta charset=koi8-r>",
        "< x <meta charset=koi8-r>",
        "<meta charset=foo><meta charset=koi8-r>", "<meta name=\"a>b\" charset=koi8-r>",
        "<meta name=d content=\"write charset=utf-8 in HTML\"><meta charset=koi8-r>",
        "<meta data-charset=utf-8><meta charset=koi8-r>",
        "<meta itemprop=\"charset=utf-8\"><meta charset=koi8-r>",
        "<metadata charset=utf-8><meta charset=koi8-r>",
        "<meta http-equiv=refresh content=\"0; charset=utf-8\"><meta charset=koi8-r>",
        "<meta charset=utf-7><meta charset=koi8-r>",
        "<body><p><meta charset=koi8-r>", "\u{FEFE}<meta charset=koi8-r>",
    ])
    func metaElementsAreRead(page: String) {
        #expect(declared(page) == .koi8R)
    }

    @Test(arguments: [
        "<meta charset=koi8-r", "<meta charset='koi8-r>", "<!-- <meta charset=koi8-r>", "<meta charset>",
        "<meta charset=>",
        "<meta charset=utf-32>", "<meta content=\"text/html; charset=koi8-r\">", "<metacharset=koi8-r>",
        "<meta=charset=koi8-r>",
        "<meta http-equiv=content-type content=\"text/html; charset='koi8-r\">",
        "<meta http-equiv=content-type content=\"charset\">",
        "<meta http-equiv=content-type content=\"charset=\">", "<meta a='charset=koi8-r'>",
        "<x charset=koi8-r>", "charset=koi8-r",
        "<meta http-equiv=content-type content=\"text/html\" charset=foo>",
    ])
    func textsWithoutAUsableMetaElementNameNoEncoding(page: String) {
        #expect(declared(page) == nil)
    }

    @Test(
        arguments: [
            ("utf-16", .utf8), ("utf-16be", .utf8), ("csunicode", .utf8), ("x-user-defined", .windows1252),
            ("iso-2022-kr", .replacement),
            ("latin1", .windows1252),
        ] as [(String, TextEncoding)]
    )
    func someDeclaredEncodingsAreReplaced(label: String, encoding: TextEncoding) {
        #expect(declared("<meta charset=\(label)>") == encoding)
        #expect(declared("<?xml version='1.0' encoding='\(label)'?>") == encoding)
    }

    @Test(arguments: [
        "<?xml version=\"1.0\" encoding=\"koi8-r\"?>", "<?xml encoding = 'koi8-r'>",
        "<?xml version='1.0'encoding='KOI8-R' standalone='no'?><html>",
    ])
    func anXMLDeclarationCountsOnlyAtTheBeginning(page: String) {
        #expect(declared(page) == .koi8R)
        #expect(declared(" " + page) == nil)
        #expect(declared(page + "<meta charset=euc-kr>") == .eucKR)
    }

    @Test(arguments: [
        "<?xml version='1.0'?><p encoding='koi8-r'>", "<?xml encoding=koi8-r?>", "<?xml encoding='koi8-r?>",
        "<?xml encoding=' koi8-r'?>",
        "<?XML encoding='koi8-r'?>", "<?xml Encoding='koi8-r'?>", "<?xml encoding='koi8-r'",
        "<?xml encoding?>", "<?xml encoding='x'?>",
    ])
    func xmlDeclarationsWithoutAUsableEncodingDoNotCount(page: String) {
        #expect(declared(page) == nil)
    }

    @Test func anXMLDeclarationInUTF16IsFound() {
        let units = Array("<?xml version='1.0'?><p>é".utf16)
        #expect(declared(units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] as [UInt8] }) == .utf16LE)
        #expect(declared(units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] as [UInt8] }) == .utf16BE)
    }

    @Test func thePrescanEndsAfter1024Bytes() {
        // Only the prescan sees a meta element in a script.
        let page = { "<script>" + String(repeating: " ", count: $0) + "<meta charset=koi8-r>" }
        #expect(declared(page(1024 - 8 - 21)) == .koi8R)
        #expect(declared(page(1024 - 8 - 20)) == nil)
        #expect(
            declared("<?xml version='1.0'" + String(repeating: " ", count: 1010) + "encoding='koi8-r'?>")
                == nil
        )
    }
}
