// SPDX-License-Identifier: MIT
// fetchpool

import OptionTable
import Testing

@Suite struct OptionValueTests {
    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("30s", .seconds(30)), ("5m", .seconds(300)),
        ("1h", .seconds(3600)),
        ("1.5s", .milliseconds(1500)), ("0s", .zero), ("0.1ms", .microseconds(100)), ("2M", .seconds(120)),
        ("0.0000000001s", .nanoseconds(1)), ("9223372036s", .seconds(9_223_372_036)),
    ])
    func durationsAreRead(text: String, duration: Duration) {
        #expect(Duration(optionText: text) == duration)
    }

    @Test(arguments: [
        "", "30", "s", "-1s", "+1s", "1 s", "1d", "1.s", ".5s", "1.2.3s", "1e3s", "1s1", "١s", "9223372037s",
        "99999999999999999999h", "1000000000000000000000000000000000000000s", "\u{212A}s",
    ])
    func invalidDurationsAreRefused(text: String) {
        #expect(Duration(optionText: text) == nil)
    }

    @Test(arguments: [
        ("512", 512), ("0", 0), ("512B", 512), ("64KiB", 65_536), ("10MB", 10_000_000), ("32MiB", 33_554_432),
        ("1GiB", 1_073_741_824), ("1kB", 1_000), ("1KB", 1_000), ("1gb", 1_000_000_000), ("1kib", 1_024),
        ("2TB", 2_000_000_000_000), ("1TiB", 1_099_511_627_776), ("1.5KiB", 1_536), ("0.1kib", 103),
        ("9223372036854775807", Int.max),
    ])
    func sizesAreRead(text: String, bytes: Int) {
        #expect(ByteCount(optionText: text) == ByteCount(bytes: bytes))
    }

    @Test(arguments: [
        "", "KiB", "-1", "1.5", "1.5B", "1K", "1 MB", "1MBs", "0x10", "9223372036854775808", "8388608TiB",
        "1_000", "1\u{212A}B",
    ])
    func invalidSizesAreRefused(text: String) {
        #expect(ByteCount(optionText: text) == nil)
    }

    @Test(arguments: [
        "500ms", "1500ms", "0s", "1s", "30s", "60s", "90s", "2m", "5m", "60m", "2h",
    ])
    func durationsAreShownInTheFormInWhichTheyAreRead(text: String) {
        #expect(Duration(optionText: text)?.optionText == text)
    }

    @Test(arguments: ["0", "512", "1000000", "64KiB", "1536KiB", "32MiB", "1GiB", "3TiB"])
    func sizesAreShownInTheFormInWhichTheyAreRead(text: String) {
        #expect(ByteCount(optionText: text)?.optionText == text)
    }

    @Test(arguments: [("10/s", 10), ("0.5/s", 0.5), ("10", 10), ("0.25", 0.25)])
    func ratesAreRead(text: String, perSecond: Double) {
        #expect(Rate(optionText: text) == Rate(perSecond: perSecond))
    }

    @Test(arguments: ["", "/s", "0", "0/s", "-1/s", "inf", "nan", "0x1p3", "1e3", "10/m", "10/s/s", "10 /s"])
    func invalidRatesAreRefused(text: String) {
        #expect(Rate(optionText: text) == nil)
    }

    @Test(arguments: [
        ("0%", 0), ("100%", 1_000_000_000_000), ("29%", 290_000_000_000), ("0.1%", 1_000_000_000),
        ("100.00%", 1_000_000_000_000), ("0.00000000001%", 1),
    ])
    func percentagesAreRead(text: String, trillionths: Int) {
        #expect(Percentage(optionText: text) == Percentage(trillionths: trillionths))
    }

    @Test(arguments: [
        "", "%", "5", "-1%", "+1%", "101%", "100.1%", "1e1%", ".5%", "5 %", "5%%", "nan%", "5%\u{301}",
    ])
    func invalidPercentagesAreRefused(text: String) {
        #expect(Percentage(optionText: text) == nil)
    }

    @Test(arguments: [("408,425", [408, 425]), ("7", [7]), ("-1,2", [-1, 2])])
    func listsAreRead(text: String, numbers: [Int]) {
        #expect([Int](optionText: text) == numbers)
    }

    @Test(arguments: ["", ",", "1,", ",1", "1,,2", "1, 2", "1;2"])
    func invalidListsAreRefused(text: String) {
        #expect([Int](optionText: text) == nil)
    }

    @Test func listsOfTextAreRead() {
        #expect([String](optionText: "a,b") == ["a", "b"])
        #expect([Int].expectation == "a list with commas, each part a whole number")
    }

    @Test func enumerationsReadTheirRawValuesOnly() {
        #expect(Switch(optionText: "off") == .off)
        #expect(Switch(optionText: "OFF") == nil)
        #expect(Switch.expectation == "auto, on or off")
    }

    @Test func aConditionNarrowsAType() throws {
        let form = ValueForm<Int>.only("an even number") { $0.isMultiple(of: 2) }
        #expect(try form.read("4") == 4)
        #expect(throws: UsageError("expected an even number, got '3'")) { try form.read("3") }
    }
}
