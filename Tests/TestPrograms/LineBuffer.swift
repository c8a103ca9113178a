// SPDX-License-Identifier: MIT
// fetchpool

/// Received bytes, which are taken line by line or all at once.
struct LineBuffer {
    private var bytes: [UInt8] = []
    private var start = 0
    private var searched = 0

    mutating func append(_ new: ArraySlice<UInt8>) { bytes += new }

    /// Removes and returns the next line without its line feed; `nil` if no line is complete.
    mutating func takeLine() -> [UInt8]? {
        guard let end = bytes[searched...].firstIndex(of: 0x0A) else {
            searched = bytes.count
            return nil
        }
        defer { (start, searched) = (end + 1, end + 1) }
        return Array(bytes[start..<end])
    }

    /// Removes and returns all bytes.
    mutating func takeAll() -> [UInt8] {
        defer { self = LineBuffer() }
        return Array(bytes[start...])
    }

    /// The bytes that were received and not taken.
    var rest: ArraySlice<UInt8> { bytes[start...] }
}
