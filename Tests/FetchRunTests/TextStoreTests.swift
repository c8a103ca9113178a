// SPDX-License-Identifier: MIT
// fetchpool

import Frontier
import PoolWire
import SimulationSupport
import Testing

@testable import FetchRun

@Suite struct TextStoreTests {
    private func text(_ place: TextPlace, in store: TextStore) -> [UInt8] {
        store.with(place) { $0.array(0..<$0.count) }
    }

    @Test(
        arguments: 1...10 as ClosedRange<UInt64>
    )
    func aTextOfAnySizeIsReturnedUnchangedWhileOtherTextsAreStoredAndFreed(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var store = TextStore()
        var held: [(place: TextPlace, text: [UInt8])] = []
        let noise = (0..<10_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        for _ in 0..<5_000 {
            if held.isEmpty || Int.random(in: 0..<3, using: &random) > 0 {
                let size =
                    [0, 1, 15, 16, 17, 100, 1_023, 1_024, 1_025, 3_000].randomElement(using: &random) ?? 0
                let start = Int.random(in: 0...noise.count - size, using: &random)
                let text = Array(noise[start..<start + size])
                held.append((store.store(text.span), text))
            } else {
                let (place, text) = held.remove(at: Int.random(in: held.indices, using: &random))
                #expect(self.text(place, in: store) == text)
                store.free(place)
            }
            #expect(store.count == held.count)
        }
        for (place, text) in held { #expect(self.text(place, in: store) == text) }
    }

    @Test(arguments: [0, 5, 1_013, 1_014, 1_015, 5_000])
    func aBareURLBecomesATaskObject(size: Int) {
        let url = [UInt8](repeating: UInt8(ascii: "u"), count: size)
        var store = TextStore()
        let place = store.store(url.span, isBare: true)
        #expect(text(place, in: store) == Array(#"{"url":""#.utf8) + url + Array(#""}"#.utf8))
    }

    @Test func freedMemoryIsReused() {
        var store = TextStore()
        let text = [UInt8](repeating: 1, count: 40)
        let first = store.store(text.span)
        for _ in 0..<100_000 {
            let place = store.store(text.span)
            #expect(place != first)
            store.free(place)
        }
        #expect(store.size == 64 << 10)
    }

    @Test func textsOfOneSizeUseTheMemoryOfFreedTextsOfOtherSizes() {
        var store = TextStore()
        for size in stride(from: 16, through: 1_024, by: 16) {
            let text = [UInt8](repeating: 1, count: size)
            let places = (0..<200).map { _ in store.store(text.span) }
            for place in places { store.free(place) }
        }
        #expect(store.size <= 512 << 10)
    }
}
