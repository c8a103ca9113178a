// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchRun

@Suite struct ProgressTextTests {
    private let line = ProgressText(
        ["52 of 20000", "83.2/s", "04:00 left", "2 failed"],
        details: [
            "19946 lines wait for 127.0.0.1:18090, 6 in flight", "19946 lines wait for 127.0.0.1:18090",
            "19946 lines wait",
        ]
    )

    @Test(
        arguments: [
            (
                nil,
                "52 of 20000 · 83.2/s · 04:00 left · 2 failed · 19946 lines wait for 127.0.0.1:18090, 6 in flight"
            ),
            (
                200,
                "52 of 20000 · 83.2/s · 04:00 left · 2 failed · 19946 lines wait for 127.0.0.1:18090, 6 in flight"
            ),
            (
                97,
                "52 of 20000 · 83.2/s · 04:00 left · 2 failed · 19946 lines wait for 127.0.0.1:18090, 6 in flight"
            ),
            (96, "52 of 20000 · 83.2/s · 04:00 left · 2 failed · 19946 lines wait for 127.0.0.1:18090"),
            (80, "52 of 20000 · 83.2/s · 04:00 left · 2 failed · 19946 lines wait"),
            (60, "52 of 20000 · 83.2/s · 04:00 left · 2 failed"),
            (45, "52 of 20000 · 83.2/s · 04:00 left · 2 failed"),
            (44, "52 of 20000 · 83.2/s · 04:00 left · 2 fail…"), (3, "5…"), (2, "…"), (1, ""), (0, ""),
        ] as [(Int?, String)]
    )
    func inANarrowTerminalTheDetailsAreShortenedBeforeTheRest(columns: Int?, expected: String) {
        let text = line.text(columns: columns)
        #expect(text == expected)
        if let columns { #expect(text.count < max(columns, 1)) }
    }

    @Test(arguments: [nil, 80, 1] as [Int?])
    func anEmptyTextStaysEmptyAtAnyWidth(columns: Int?) {
        #expect(ProgressText.none.text(columns: columns) == "")
    }
}
