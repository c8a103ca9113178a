// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Testing

struct PeerRulesTests {
    private let outside = IPAddress.v4(0x0B00_0001)
    private let inside = IPAddress.v4(0x7F00_0001)
    private let metadata = IPAddress.v4(0xA9FE_A9FE)

    /// Returns the number of allowed requests before the first refused request, or the number of all requests
    /// if no request is refused.
    private func allowed(_ policy: PrivateAddresses, _ peers: [IPAddress?]) -> Int {
        var rules = PeerRules(policy, by: .iana)
        rules.begin()
        for (index, peer) in peers.enumerated() where rules.meet(peer) != nil { return index }
        return peers.count
    }

    @Test func noRedirectRefusesRedirectsFromOutsideToInside() {
        #expect(allowed(.noRedirect, [outside, inside]) == 1)
        #expect(allowed(.noRedirect, [outside, outside, metadata]) == 2)
        #expect(allowed(.noRedirect, [inside, metadata, inside]) == 3)
        #expect(allowed(.noRedirect, [inside, outside, inside]) == 2)
        #expect(allowed(.noRedirect, [outside, nil]) == 1)
        #expect(allowed(.noRedirect, [nil, inside]) == 2)
    }

    @Test func denyRefusesEachRequestToTheInside() {
        #expect(allowed(.deny, [inside]) == 0)
        #expect(allowed(.deny, [outside, outside, inside]) == 2)
        #expect(allowed(.deny, [nil]) == 0)
    }

    @Test func allowRefusesNothing() {
        #expect(allowed(.allow, [outside, inside, nil, metadata]) == 4)
    }

    @Test func anOpenedSocketDoesNotCountAsARequest() {
        var rules = PeerRules(.noRedirect, by: .iana)
        #expect(rules.refusal(of: outside) == nil)
        #expect(rules.refusal(of: inside) == nil)
        let first = rules.meet(outside)
        #expect(first == nil)
        #expect(rules.refusal(of: inside)?.errorClass == .privateAddress)
        rules.begin()
        #expect(rules.refusal(of: inside) == nil)
    }

    @Test func aRefusalNamesTheAddressTheBlockAndTheOption() {
        var rules = PeerRules(.noRedirect, by: .iana)
        _ = rules.meet(outside)
        let message = rules.refusal(of: metadata)?.message ?? ""
        #expect(message.contains("169.254.169.254 is not a public address (Link Local, RFC 3927)"))
        #expect(message.contains("--private-addresses allow"))
        let denied = PeerRules(.deny, by: .iana).refusal(of: metadata)
        #expect(denied?.isRetryable == false)
        #expect(denied?.message.contains("--private-addresses deny") == true)
    }

    @Test func theGivenTableIsUsed() {
        var rules = PeerRules(.deny, by: AddressTable([]))
        let refusal = rules.meet(inside)
        #expect(refusal == nil)
    }
}
