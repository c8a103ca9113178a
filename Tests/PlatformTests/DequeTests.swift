// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import Testing

@Suite struct DequeTests {
    @Test(arguments: 0..<20)
    func aDequeReturnsTheSameElementsAsAnArray(seed: Int) {
        var numbers = (seed + 1) &* 2_654_435_761
        func next(_ bound: Int) -> Int {
            numbers = (numbers &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407)
            return Int(UInt(bitPattern: numbers) >> 33) % bound
        }
        var (deque, array): (Deque<Int>, [Int]) = (Deque(), [])
        for step in 0..<2_000 {
            // The deque grows in the first half of the steps, and shrinks in the second half.
            switch next(step < 1_000 ? 5 : 8) {
            case 0, 1:
                deque.append(step)
                array.append(step)
            case 2:
                deque.prepend(step)
                array.insert(step, at: 0)
            default:
                #expect(deque.popFirst() == (array.isEmpty ? nil : array.removeFirst()))
            }
            #expect(deque.count == array.count)
            #expect(deque.first == array.first)
            #expect(deque.isEmpty == array.isEmpty)
        }
    }

    @Test func popFirstReleasesTheElement() {
        final class Thing: Sendable {}
        var deque = Deque<Thing>()
        weak var thing: Thing?
        do {
            let made = Thing()
            thing = made
            deque.append(made)
        }
        #expect(thing != nil)
        _ = deque.popFirst()
        #expect(thing == nil)
    }
}
