// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

extension JSONWriter {
    /// Writes a piece of JSON that stands in the source, with no comma before it.
    mutating func verbatim(_ piece: StaticString) {
        // A static string's buffer covers exactly its own bytes.
        piece.withUTF8Buffer { unsafe appendVerbatim($0.span) }
    }
}
