// SPDX-License-Identifier: MIT
// fetchpool

import SimulationSupport
import Testing

@testable import Frontier

@Suite struct HostIndexTests {
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func anIndexBehavesLikeADictionaryEvenIfHashesAreEqual(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var index = HostIndex()
        // The last bits of a hash determine the slot at which a search begins. The 60 hosts have 15 different
        // hashes, and the last bits of these hashes have only 3 different values.
        let hashes = (1...60).map { (number: UInt64) -> UInt64 in (number % 5) << 32 + number % 3 + 1 }
        var known: Set<Int> = []
        for _ in 0..<2_000 {
            let number = Int.random(in: hashes.indices, using: &random)
            let hash = hashes[number]
            #expect(index.number(of: hash) { $0 == number } == (known.contains(number) ? number : nil))
            if known.contains(number) {
                index.remove(number, hash: hash)
                known.remove(number)
            } else {
                index.add(number, hash: hash)
                known.insert(number)
            }
            #expect(index.count == known.count)
        }
        for number in hashes.indices {
            let found = index.number(of: hashes[number]) { $0 == number }
            #expect(found == (known.contains(number) ? number : nil))
        }
    }
}
