// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import WebURL

/// Long URLs of kinds that could take more than linear time.
enum LongURLs {
    private static let count = 1 << 20

    /// Reads each URL once; ends the program with status 1 if a URL takes five seconds of CPU time or more.
    static func check() {
        for (front, piece) in [
            ("http://h/", "a/../"), ("http://h", "/a"), ("http://h/", "%2e%2e/"), ("http://", "@"),
            ("http://", "a:@"),
            ("http://", "."), ("http://", "é."), ("http://", "é"), ("http://", "xn--9ca.é."),
            ("http://", "0"),
            ("http://", "\u{301}"), ("http://e", "\u{301}\u{323}"), ("http://", "%C3%A9."),
            ("http://[", "0:"),
            ("http://a:", "0"), ("http://h/?", "'"), ("http://h/#", "`"), ("data:,", " "), ("", "\t"),
            ("", " "),
            ("http://\u{FDFA}", ".\u{FDFA}"), ("http:", "/"), ("http://א", "א1"),
            ("http://क", ".क\u{94D}\u{200D}"),
            ("http://한", ".\u{1112}\u{1161}\u{11AB}"), ("http://1", ".1"),
        ] {
            var bytes = Array(front.utf8)
            while bytes.count < count { bytes += piece.utf8 }
            let begun = clock()
            _ = try? WebURL(reading: bytes.span)
            let seconds = (clock() - begun) / Int(CLOCKS_PER_SEC)
            guard seconds >= 5 else { continue }
            print("1 MiB of \(piece.debugDescription) behind \(front.debugDescription) took \(seconds) s")
            Ending.exit(1)
        }
    }
}
