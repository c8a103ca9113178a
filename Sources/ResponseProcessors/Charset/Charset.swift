// SPDX-License-Identifier: MIT
// fetchpool

/// How a page's text is encoded.
enum Charset: Hashable {
    case utf8
    /// Also what ISO-8859-1 and ASCII mean on the web.
    case windows1252
    /// An encoding that the C library knows by this name.
    case other(String)

    /// Reads a label as it stands in a header.
    ///
    /// The Encoding standard's labels whose meaning differs from the C library's are translated. `nil` if the label is no name.
    init?(label: String) {
        let label = label.lowercased()
        guard !label.isEmpty, label.utf8.count <= 40, label.utf8.allSatisfy(Self.isNameByte) else {
            return nil
        }
        switch label {
        case "utf-8", "utf8", "unicode-1-1-utf-8", "x-unicode20utf8": self = .utf8
        case "windows-1252", "cp1252", "x-cp1252", "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "l1",
            "ascii",
            "us-ascii", "ansi_x3.4-1968", "x-user-defined":
            self = .windows1252
        case "iso-8859-9", "latin5": self = .other("CP1254")
        case "iso-8859-11", "tis-620": self = .other("CP874")
        case "gb2312", "gbk", "x-gbk", "gb_2312-80": self = .other("GB18030")
        case "shift_jis", "shift-jis", "sjis", "x-sjis", "ms_kanji": self = .other("CP932")
        case "euc-kr", "ks_c_5601-1987", "korean": self = .other("CP949")
        case "big5", "x-x-big5": self = .other("BIG5-HKSCS")
        case "utf-16", "unicode", "ucs-2": self = .other("UTF-16LE")
        case "x-mac-roman": self = .other("MACINTOSH")
        default: self = .other(label.hasPrefix("x-cp") ? String(label.dropFirst(2)) : label)
        }
    }

    /// Reads a label as it stands inside a page, which was read as ASCII: so UTF-16 cannot be meant, and is UTF-8 (HTML standard).
    init?(inPage label: String) {
        guard let charset = Charset(label: label) else { return nil }
        self =
            if case .other(let name) = charset, name.uppercased().hasPrefix("UTF-16") { .utf8 } else {
                charset
            }
    }

    // A slash would give iconv_open options of its own.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "+"):
            true
        default: false
        }
    }
}
