// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Testing

@Suite struct RecordTimeTests {
    private func text(_ time: RecordTime) -> String { String(decoding: time.text, as: UTF8.self) }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_795_654_923_456, "2026-11-26T01:02:03.456Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (.max, "9999-12-31T23:59:59.999Z"),
            (.min, "0000-01-01T00:00:00.000Z"),
        ]
    )
    func aTimeHasTheFormOfRFC3339InUTCWithMilliseconds(milliseconds: Int, expected: String) {
        #expect(text(RecordTime(milliseconds: milliseconds)) == "\"\(expected)\"")
    }

    @Test func settingATimeGivesTheSameTextAsFoundation() {
        let formatter = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        var (time, milliseconds) = (RecordTime(), 1_700_000_000_000)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let step =
                [0, 1, -1, 999, 60_000, -86_400_000, 31_536_000_000].randomElement(using: &random) ?? 1
            milliseconds += step * Int.random(in: 0...3, using: &random)
            time.set(milliseconds: milliseconds)
            // A `Date` stores its seconds as a binary fraction, and the formatter rounds down. So the test
            // adds a quarter of a millisecond.
            let date = Date(timeIntervalSince1970: Double(milliseconds) / 1_000 + 0.000_25)
            #expect(text(time) == "\"\(formatter.format(date))\"")
            #expect(time == RecordTime(milliseconds: milliseconds))
        }
    }
}
