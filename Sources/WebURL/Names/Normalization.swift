// SPDX-License-Identifier: MIT
// fetchpool

/// Normalization Form C (UAX 15), for characters that are valid in domain names.
enum Normalization {
    /// Returns a text in Normalization Form C.
    static func composed(_ text: [UInt32]) -> [UInt32] {
        var (points, classes) = decomposed(text)
        sortMarks(&points, &classes)
        return compose(points, classes)
    }

    private static func decomposed(_ text: [UInt32]) -> (points: [UInt32], classes: [UInt8]) {
        var points: [UInt32] = []
        var classes: [UInt8] = []
        points.reserveCapacity(text.count)
        classes.reserveCapacity(text.count)
        for point in text { append(point, &points, &classes) }
        return (points, classes)
    }

    private static func append(_ point: UInt32, _ points: inout [UInt32], _ classes: inout [UInt8]) {
        if point < 0x80 {
            points.append(point)
            classes.append(0)
        } else if let jamo = Hangul.parts(of: point) {
            points.append(contentsOf: jamo)
            classes.append(contentsOf: jamo.map { _ in 0 })
        } else if let parts = NameTables.parts(of: point) {
            append(parts.first, &points, &classes)
            append(parts.second, &points, &classes)
        } else {
            points.append(point)
            classes.append(NameTables.Properties(of: point).combiningClass)
        }
    }

    /// Sorts characters by their combining class, within each run of characters whose class is above 0.
    ///
    /// Characters of the same class keep their order.
    private static func sortMarks(_ points: inout [UInt32], _ classes: inout [UInt8]) {
        var start = 0
        while start < points.count {
            var end = start + 1
            var isSorted = true
            if classes[start] > 0 {
                while end < points.count, classes[end] > 0 {
                    isSorted = isSorted && classes[end - 1] <= classes[end]
                    end += 1
                }
            }
            if !isSorted {
                let order = (start..<end).sorted { (classes[$0], $0) < (classes[$1], $1) }
                let (run, ranks) = (order.map { points[$0] }, order.map { classes[$0] })
                points.replaceSubrange(start..<end, with: run)
                classes.replaceSubrange(start..<end, with: ranks)
            }
            start = end
        }
    }

    /// Runs the Canonical Composition Algorithm (The Unicode Standard, §3.11).
    private static func compose(_ points: [UInt32], _ classes: [UInt8]) -> [UInt32] {
        var composed: [UInt32] = []
        composed.reserveCapacity(points.count)
        var starter: Int?
        var last: UInt8 = 0
        for (point, rank) in zip(points, classes) {
            let isNext = starter == composed.count - 1
            if let starter, isNext || last < rank, let whole = pair(composed[starter], point) {
                composed[starter] = whole
                continue
            }
            if rank == 0 { starter = composed.count }
            last = rank
            composed.append(point)
        }
        return composed
    }

    private static func pair(_ first: UInt32, _ second: UInt32) -> UInt32? {
        second < 0x80 ? nil : Hangul.composed(first, second) ?? NameTables.composed(first, second)
    }
}

/// Syllables of Korean, which are composed and decomposed by arithmetic (The Unicode Standard, §3.12).
private enum Hangul {
    private static let (syllable, lead, vowel, trail): (UInt32, UInt32, UInt32, UInt32) = (
        0xAC00, 0x1100, 0x1161, 0x11A7
    )

    /// Returns the letters of a syllable; `nil` for any other character.
    static func parts(of point: UInt32) -> [UInt32]? {
        let index = point &- syllable
        guard index < 11_172 else { return nil }
        let parts = [lead + index / 588, vowel + index % 588 / 28]
        return index % 28 == 0 ? parts : parts + [trail + index % 28]
    }

    static func composed(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if first &- lead < 19, second &- vowel < 21 {
            return syllable + ((first - lead) * 21 + second - vowel) * 28
        }
        let index = first &- syllable
        guard index < 11_172, index % 28 == 0, second &- (trail + 1) < 27 else { return nil }
        return first + second - trail
    }
}
