// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import Testing

@Suite struct HeavyHittersTests {
    @Test func sumsAreExactWhileEachKeyHasAPlace() {
        var hitters = HeavyHitters<String>(places: 3)
        for key in ["a", "b", "a", "c", "a", "b"] { hitters.add(key) }
        hitters.add("c", 9)
        let largest = hitters.largest(2)
        #expect(largest.map(\.key) == ["c", "a"])
        #expect(largest.map(\.sum) == [10, 3])
        #expect(hitters.entries.allSatisfy { $0.excess == 0 })
    }

    @Test func aKeyWhoseSumBecomesZeroLeavesItsPlace() {
        var hitters = HeavyHitters<String>(places: 3)
        for key in ["a", "b", "c", "c"] { hitters.add(key) }
        for key in ["a", "c", "none"] { hitters.subtract(key) }
        #expect(hitters.largest(3).map(\.sum) == [1, 1])
        for key in ["d", "c", "c", "b", "b", "b"] { hitters.add(key) }
        #expect(hitters.largest(3).map(\.key) == ["b", "c", "d"])
        #expect(hitters.largest(3).map(\.sum) == [4, 3, 1])
        #expect(hitters.entries.allSatisfy { $0.excess == 0 })
    }

    @Test(arguments: [1, 2, 7, 64]) func aSumExceedsTheExactSumByAtMostItsExcess(places: Int) {
        var hitters = HeavyHitters<Int>(places: places)
        var exact: [Int: Int] = [:]
        var total = 0
        // A fixed sequence in which few keys are frequent: about 1/(k(k+1)) of the additions are for key k.
        for number in 0..<20_000 {
            let mixed = (number &* 2_654_435_761) % 1_000_003
            let key = 1_000 / (mixed % 1_000 + 1)
            exact[key, default: 0] += mixed % 5
            total += mixed % 5
            hitters.add(key, mixed % 5)
        }
        #expect(hitters.entries.count <= places)
        for entry in hitters.entries {
            let sum = exact[entry.key] ?? 0
            #expect(entry.sum >= sum)
            #expect(entry.sum - entry.excess <= sum)
        }
        let kept = Set(hitters.entries.map(\.key))
        for (key, sum) in exact where sum > total / places { #expect(kept.contains(key)) }
    }

    @Test func aNewKeyTakesThePlaceOfTheSmallestSum() {
        var hitters = HeavyHitters<Int>(places: 40)
        for number in 0..<5_000 {
            let mixed = (number &* 2_654_435_761) % 1_000_003
            let known = hitters.entries
            if mixed % 3 == 0, let key = known.randomElement()?.key {
                hitters.subtract(key, mixed % 50)
                continue
            }
            hitters.add(number, mixed % 100)
            guard known.count == 40 else { continue }
            let smallest = known.map(\.sum).min() ?? 0
            let new = hitters.entries.first { $0.key == number }
            #expect(new?.excess == smallest)
            #expect(new?.sum == smallest + mixed % 100)
            #expect(hitters.entries.map(\.sum).reduce(0, +) == known.map(\.sum).reduce(0, +) + mixed % 100)
        }
        #expect(hitters.entries.count > 20)
    }
}
