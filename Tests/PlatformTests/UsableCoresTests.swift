// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import Platform

@Suite struct UsableCoresTests {
    @Test(
        arguments: [
            ("200000 100000\n", 2), ("150000 100000\n", 2), ("1000 100000\n", 1), ("max 100000\n", nil),
            ("-1\n 100000\n", nil), ("50000\n 100000\n", 1),
            ("100000 0\n", nil), ("", nil), ("many\n", nil),
        ] as [(String, Int?)]
    )
    func aQuotaIsRoundedUpToWholeCores(text: String, cores: Int?) {
        #expect(UsableCores.quota(inCPUMax: text) == cores)
    }

    @Test func thereIsAtLeastOneCore() {
        #expect(UsableCores.count >= 1)
    }
}
