// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import HTMLTokens
import Testing

/// Tests pages that need quadratic time in some readers of HTML.
struct LinearTimeTests {
    @Test(
        arguments: [
            ("&", ""), ("<p a=1 ", " b"), ("<p ", "a0=1 "), ("<div>", "</zz>"), ("\0", ""), ("<!--", ""),
            ("<!", ""), ("<", ""),
            ("</", ""), ("<a ", ""), ("<a b='", ""), ("<title>", "</titl"),
            ("<script><!--<script", "</script"), ("<svg><g>", "</zz>"),
            ("<template><div>", "</zz>"), ("<noscript>", "<noscript>"), ("<svg><![CDATA[", "]]"),
            ("<!doctype x '", ""),
            ("<b>", "</i>"), ("<template>", "</template>"), ("<svg><desc>", "</svg>"), ("&zzzzzz", ""),
            ("&#9", "9"), ("\r", "\n"),
            ("<table>", "</p>"), ("<math><mi>", "</mo>"),
        ]
    )
    func timeGrowsLinearlyWithTheSize(first: String, second: String) {
        // For eight times the size, a linear reader takes eight times the time. A quadratic reader takes 64
        // times the time.
        let (short, long) = (time(first, second, 16 << 10), time(first, second, 128 << 10))
        #expect(long < max(short * 24, .milliseconds(20)), "\(short) for 16 KiB, \(long) for 128 KiB")
    }

    /// Reads a page of at most `size` bytes three times; returns the shortest CPU time of this thread.
    ///
    /// The page repeats `first` in its first half, and `second` in its second half.
    private func time(_ first: String, _ second: String, _ size: Int) -> Duration {
        let (firsts, seconds) = (size / 2 / first.utf8.count, size / 2 / max(second.utf8.count, 1))
        let page = Array(
            (String(repeating: first, count: firsts) + String(repeating: second, count: seconds)).utf8
        )
        return (0..<3).map { _ in
            let start = Self.threadTime()
            read(page.span)
            return Self.threadTime() - start
        }.min() ?? .zero
    }

    private func read(_ page: Span<UInt8>) {
        var reader = HTMLReader(noscript: .markup)
        while true {
            switch reader.next(in: page) {
            case .pageEnd: return
            case .start(_, let token): _ = token.attribute("href", in: page)
            case .text(let text, _): text.forEachPiece(in: page) { _ in }
            case .end: break
            }
        }
    }

    private static func threadTime() -> Duration {
        var time = timespec()
        // Each Linux has this clock, so the call cannot fail.
        _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
