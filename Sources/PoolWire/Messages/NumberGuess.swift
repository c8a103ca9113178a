// SPDX-License-Identifier: MIT
// fetchpool

/// A search for task numbers (`seq`) in a worker's lines that cannot be read as messages.
package enum NumberGuess {
    /// The most numbers that `numbers` returns for one line.
    private static let most = 8

    /// Returns `true` if the first byte of a line, after any blanks, is `{`.
    package static func beginsAsObject(_ line: Span<UInt8>) -> Bool {
        var position = 0
        while position < line.count, isBlank(line[position]) { position += 1 }
        return position < line.count && line[position] == UInt8(ascii: "{")
    }

    /// Returns the first numbers that follow the name `seq` in a line, at most 8.
    ///
    /// The name can have single quotes, double quotes or none; Python writes `{'seq': 17}`. A longer name
    /// that ends in `seq` counts too.
    package static func numbers(in line: Span<UInt8>) -> [Int] {
        var found: [Int] = []
        var position = 0
        while position + 4 <= line.count, found.count < most {
            guard line[position] == UInt8(ascii: "s"), line[position + 1] == UInt8(ascii: "e"),
                line[position + 2] == UInt8(ascii: "q")
            else {
                position += 1
                continue
            }
            position += 3
            if let number = number(after: position, in: line) { found.append(number) }
        }
        return found
    }

    /// Returns the number after a name and a colon, past any quotes and blanks; `nil` if there is none.
    ///
    /// Of a number with more than 16 digits, only the first 16 digits count.
    private static func number(after name: Int, in line: Span<UInt8>) -> Int? {
        var position = name
        func skip(_ isPassed: (UInt8) -> Bool) {
            while position < line.count, isPassed(line[position]) { position += 1 }
        }
        skip { isQuote($0) || isBlank($0) }
        guard position < line.count, line[position] == UInt8(ascii: ":") else { return nil }
        position += 1
        skip { isQuote($0) || isBlank($0) }
        var number = 0
        let first = position
        while position < line.count, position - first < 16 {
            let digit = line[position] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            number = number * 10 + Int(digit)
            position += 1
        }
        return position > first ? number : nil
    }

    private static func isQuote(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
}
