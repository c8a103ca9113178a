// SPDX-License-Identifier: MIT
// fetchpool

/// The indexes of the Encoding Standard (§5) as text: the scalars in the order of their pointers.
///
/// `{3041+83}` stands for 83 scalars from U+3041 on. Scalars that an editor could hide or change also have
/// this form. `{-11}` stands for 11 pointers without a scalar. Line ends do not count.
enum IndexText {
    /// Calls `body` with the scalar of each pointer in order, or with 0 for a pointer without a scalar.
    static func forEach(in text: String, _ body: (UInt32) -> Void) {
        var scalars = text.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            switch scalar {
            case "\n": continue
            case "{":
                let (first, count) = run(&scalars)
                for offset in 0..<count { body(first == 0 ? 0 : first + offset) }
            default: body(scalar.value)
            }
        }
    }

    /// Reads a run after its opening brace.
    private static func run(
        _ scalars: inout String.UnicodeScalarView.Iterator
    ) -> (first: UInt32, count: UInt32) {
        var first: UInt32 = 0
        var count: UInt32 = 0
        var isCount = false
        while let scalar = scalars.next(), scalar != "}" {
            if scalar == "+" || scalar == "-" {
                isCount = true
            } else if let digit = Character(scalar).hexDigitValue {
                if isCount { count = count * 10 + UInt32(digit) } else { first = first * 16 + UInt32(digit) }
            }
        }
        return (first, count)
    }
}
