// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import TextEncodings

/// Tests the labels of encodings (Encoding Standard §4.2).
struct LabelTests {
    @Test(
        arguments: [
            ("utf-8", .utf8), ("unicode-1-1-utf-8", .utf8), ("x-unicode20utf8", .utf8),
            ("iso-8859-1", .windows1252), ("latin1", .windows1252), ("ascii", .windows1252),
            ("us-ascii", .windows1252),
            ("iso88591", .windows1252), ("iso_8859-1:1987", .windows1252), ("csisolatin1", .windows1252),
            ("iso-ir-100", .windows1252), ("ibm819", .windows1252), ("cp819", .windows1252),
            ("iso-8859-9", .windows1254), ("iso8859-9", .windows1254), ("l5", .windows1254),
            ("iso-ir-148", .windows1254),
            ("iso-8859-11", .windows874), ("iso885911", .windows874), ("tis-620", .windows874),
            ("dos-874", .windows874),
            ("iso-8859-8-i", .iso8859Part8I), ("logical", .iso8859Part8I), ("csiso88598i", .iso8859Part8I),
            ("visual", .iso8859Part8), ("iso-8859-8-e", .iso8859Part8), ("csiso88598e", .iso8859Part8),
            ("iso-8859-6-i", .iso8859Part6), ("iso-8859-6-e", .iso8859Part6), ("sun_eu_greek", .iso8859Part7),
            ("l9", .iso8859Part15), ("csisolatin9", .iso8859Part15), ("koi", .koi8R), ("koi8", .koi8R),
            ("koi8_r", .koi8R),
            ("koi8-ru", .koi8U), ("x-mac-roman", .macintosh), ("x-mac-ukrainian", .macCyrillic),
            ("gb2312", .gbk), ("chinese", .gbk), ("gb_2312", .gbk), ("iso-ir-58", .gbk), ("csgb2312", .gbk),
            ("csiso58gb231280", .gbk), ("gb18030", .gb18030), ("csbig5", .big5), ("big5-hkscs", .big5),
            ("cn-big5", .big5),
            ("x-euc-jp", .eucJP), ("cseucpkdfmtjapanese", .eucJP), ("csiso2022jp", .iso2022JP),
            ("csshiftjis", .shiftJIS),
            ("windows-31j", .shiftJIS), ("ms932", .shiftJIS), ("windows-949", .eucKR),
            ("ks_c_5601-1989", .eucKR),
            ("iso-ir-149", .eucKR), ("csksc56011987", .eucKR), ("korean", .eucKR),
            ("iso-2022-kr", .replacement), ("csiso2022kr", .replacement), ("hz-gb-2312", .replacement),
            ("iso-2022-cn", .replacement), ("iso-2022-cn-ext", .replacement), ("replacement", .replacement),
            ("utf-16", .utf16LE), ("unicode", .utf16LE), ("ucs-2", .utf16LE), ("csunicode", .utf16LE),
            ("iso-10646-ucs-2", .utf16LE), ("unicodefeff", .utf16LE), ("unicodefffe", .utf16BE),
            ("utf-16be", .utf16BE),
            ("x-user-defined", .xUserDefined),
        ] as [(String, TextEncoding)]
    )
    func labelsNameTheirEncoding(label: String, encoding: TextEncoding) {
        #expect(TextEncoding(label: label.utf8) == encoding)
    }

    @Test(arguments: [
        "", " ", "utf-7", "utf7", "csunicode11utf7", "utf-32", "utf-32le", "ucs-4", "ucs-2be", "wchar_t",
        "cesu-8", "bocu-1", "scsu",
        "cp037", "ibm037", "ibm1047", "ebcdic-us", "cp437", "ibm850", "cp850", "tscii", "viscii", "t.61",
        "iso-8859-12", "iso-2022-jp-2",
        "utf-8//ignore", "'utf-8'", "utf 8", "utf-8;", "utf-8, latin1", "\u{B}utf-8", "\u{A0}utf-8",
        "utf-8\0", "\u{212A}oi8",
        "no-such-charset",
    ])
    func otherLabelsAreUnknown(label: String) {
        #expect(TextEncoding(label: label.utf8) == nil)
    }

    @Test(arguments: ["UTF-8", "Utf8", " utf-8", "\t\n\u{C}\r utf-8 \r\u{C}\n\t", "utf-8 "])
    func letterCaseAndSurroundingBlanksDoNotCount(label: String) {
        #expect(TextEncoding(label: label.utf8) == .utf8)
    }

    @Test(arguments: TextEncoding.allCases)
    func namesAreLabels(encoding: TextEncoding) {
        #expect(TextEncoding(label: encoding.rawValue.utf8) == encoding)
    }

    @Test func thereAre228LabelsOf40Encodings() {
        #expect(TextEncoding.allCases.count == 40)
        #expect(TextEncoding.byLabel.count == 228)
        #expect(Set(TextEncoding.byLabel.values) == Set(TextEncoding.allCases))
    }
}
