// SPDX-License-Identifier: MIT
// fetchpool

/// Punycode (RFC 3492): the ASCII form of a label that is not ASCII.
enum Punycode {
    private static let (base, first, last, skew, damp): (Int, Int, Int, Int, Int) = (36, 1, 26, 38, 700)

    /// Returns the label that a Punycode text without `xn--` encodes; `nil` if the text is not valid.
    ///
    /// Letters in `text` must be in lower case.
    static func decoded(_ text: ArraySlice<UInt32>) -> [UInt32]? {
        var label: [UInt32] = []
        var at = text.startIndex
        // A hyphen with nothing in front of it is no delimiter (§6.2).
        if let hyphen = text.lastIndex(of: 0x2D), hyphen > text.startIndex {
            label.append(contentsOf: text[..<hyphen])
            at = hyphen + 1
        }
        var (point, index, bias) = (0x80, 0, 72)
        while at < text.endIndex {
            let start = index
            var weight = 1
            var place = base
            while true {
                guard at < text.endIndex, let digit = value(text[at]) else { return nil }
                at += 1
                index += digit * weight
                // Numbers below this limit cannot overflow `Int` here. Valid texts stay below the limit.
                guard index < 1 << 48 else { return nil }
                let threshold = threshold(place, bias)
                if digit < threshold { break }
                weight *= base - threshold
                guard weight < 1 << 48 else { return nil }
                place += base
            }
            let count = label.count + 1
            bias = adapted(index - start, count, isFirst: start == 0)
            point += index / count
            index %= count
            guard point < 0x110000, !(0xD800..<0xE000 ~= point) else { return nil }
            label.insert(UInt32(point), at: index)
            index += 1
        }
        return label
    }

    /// Appends the Punycode text of a label, without `xn--`.
    static func write(_ label: ArraySlice<UInt32>, to text: inout [UInt8]) {
        let plain = label.filter { $0 < 0x80 }
        text.append(contentsOf: plain.map { UInt8($0) })
        if !plain.isEmpty { text.append(UInt8(ascii: "-")) }
        var (handled, point, delta, bias) = (plain.count, UInt32(0x80), 0, 72)
        for next in Set(label.filter { $0 >= 0x80 }).sorted() {
            delta += Int(next - point) * (handled + 1)
            point = next
            for other in label {
                if other < point { delta += 1 }
                guard other == point else { continue }
                writeNumber(delta, bias, to: &text)
                bias = adapted(delta, handled + 1, isFirst: handled == plain.count)
                delta = 0
                handled += 1
            }
            delta += 1
            point += 1
        }
    }

    private static func writeNumber(_ number: Int, _ bias: Int, to text: inout [UInt8]) {
        var number = number
        var place = base
        while true {
            let threshold = threshold(place, bias)
            if number < threshold { break }
            text.append(digit(threshold + (number - threshold) % (base - threshold)))
            number = (number - threshold) / (base - threshold)
            place += base
        }
        text.append(digit(number))
    }

    private static func threshold(_ place: Int, _ bias: Int) -> Int { min(max(place - bias, first), last) }

    private static func adapted(_ delta: Int, _ count: Int, isFirst: Bool) -> Int {
        var delta = isFirst ? delta / damp : delta / 2
        delta += delta / count
        var place = 0
        while delta > (base - first) * last / 2 {
            delta /= base - first
            place += base
        }
        return place + (base - first + 1) * delta / (delta + skew)
    }

    private static func digit(_ value: Int) -> UInt8 { UInt8(value < 26 ? value + 0x61 : value - 26 + 0x30) }

    private static func value(_ character: UInt32) -> Int? {
        switch character {
        case 0x61...0x7A: Int(character - 0x61)
        case 0x30...0x39: Int(character - 0x30) + 26
        default: nil
        }
    }
}
