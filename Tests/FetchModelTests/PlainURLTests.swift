// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchModel

/// Tests that two readers read a URL or a task in the same way.
///
/// `PlainURL` and `TargetURL` read URLs; `PlainTask` and `TaskReader` read tasks.
@Suite struct PlainURLTests {
    private func check(_ bytes: [UInt8], _ comment: Comment? = nil) {
        guard let plain = PlainURL(reading: bytes.span) else { return }
        do throws(URLRefusal) {
            let whole = try TargetURL(readingAnyway: bytes.span)
            #expect(plain.scheme == whole.scheme && plain.port == whole.port, comment)
            #expect(plain.hostKey(in: bytes.span) == whole.hostKey, comment)
            guard plain.isCanonical else { return }
            let copied = TargetURL(plain, bytes.span)
            #expect(copied == whole && copied.host == whole.host, comment)
            #expect(copied.pathStart == whole.pathStart, comment)
        } catch {
            Issue.record("PlainURL accepts '\(String(decoding: bytes, as: UTF8.self))', but: \(error)")
        }
    }

    @Test(arguments: oddURLs)
    func bothReadersReadAPlainURLInTheSameWay(_ text: String) { check(Array(text.utf8)) }

    @Test(arguments: 0..<8)
    func bothReadersAgreeOnMutatedURLs(_ seed: Int) {
        var random = SeededGenerator(state: UInt64(seed))
        let sound =
            oddURLs + ["https://example.com/a/b.html?c=d&e=%20f#g", "http://127.0.0.1:8199/p0.html"]
            + ["data:text/plain,x%20y", "data:a/b;base64,aGk="]
        for _ in 0..<4_000 {
            let bytes = random.mutated(sound.randomElement(using: &random) ?? "")
            check(bytes, "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    @Test(
        arguments: [
            "data:,x", "data:text/plain,x", "data:image/svg+xml,", "http://127.0.0.1:8199/s",
            "https://example.com/a/b.html?c=d&e=%20f",
            "http://xn--bcher-kva.example/", "https://a.b-c.d_e.example:8443/~x/?y=1/2..0",
        ]
    )
    func commonURLsArePlainAndCanonical(_ text: String) {
        #expect(PlainURL(reading: Array(text.utf8).span)?.isCanonical == true)
    }

    @Test(
        arguments: [
            "http://a", "http://a?x", "http://a/#x", "http://a:80/", "http://a/./b", "http://a/%2e/b",
            "data:,x#y", "data:text/plain,x#y",
        ]
    )
    func urlsThatMustBeChangedAreNotCanonical(_ text: String) {
        #expect(PlainURL(reading: Array(text.utf8).span)?.isCanonical == false)
    }

    @Test(
        arguments: oddURLs + ["http://a/\\u0041", "http://a/\",\"id\":\"b"]
    )
    func bothReadersReadATaskWithOnlyAURLInTheSameWay(_ url: String) {
        let object = Array(#"{"url":"\#(url)"}"#.utf8)
        // `PlainTask` accepts no blank after the colon, so `TaskReader` reads this object.
        let spaced = Array(#"{"url": "\#(url)"}"#.utf8)
        #expect(Self.read(object) == Self.read(spaced))
    }

    /// Returns the task or the class of the error.
    ///
    /// The messages are not compared, because they may contain a position.
    private static func read(_ object: [UInt8]) -> (FetchTask?, ErrorClass?) {
        do throws(TaskError) {
            return (try FetchTask(reading: object.span), nil)
        } catch {
            return (nil, error.errorClass)
        }
    }
}
