// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import Frontier

/// Tests of the hosts that count as one site.
@Suite struct SiteTests {
    @Test(arguments: [
        ("a.example.com", "b.example.com", true), ("example.com", "www.x.example.com", true),
        ("example.com", "example.org", false), ("a.co.uk", "b.co.uk", false),
        ("x.a.co.uk", "y.a.co.uk", true),
        ("www.bmw.de", "img.bmw.de", true), ("1.2.3.4", "9.9.3.4", false), ("1.2.3.4", "1.2.3.4", true),
        ("::1", "::2", false), ("localhost", "localhost", true), ("a.localhost", "b.localhost", false),
    ])
    func hostsOfOneSiteHaveOneKey(one: String, other: String, isSame: Bool) {
        #expect((Site.key(of: one) == Site.key(of: other)) == isSame)
    }
}
