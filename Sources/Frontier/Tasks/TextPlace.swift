// SPDX-License-Identifier: MIT
// fetchpool

/// Where a text lies among the texts that the run keeps: in a cell of the common room, or, if it is long, in an array of its own.
package struct TextPlace: Hashable, Sendable {
    /// The cell's first byte, or the array's number.
    package var start: UInt32
    /// The text's bytes.
    package var count: UInt32

    /// A text of `count` bytes, in the cell that begins at `start` or the array with that number.
    package init(start: UInt32, count: UInt32) {
        (self.start, self.count) = (start, count)
    }
}
