// SPDX-License-Identifier: MIT
// fetchpool

/// Bytes that came, to be taken line by line or as they are.
struct LineBuffer {
    private var bytes: [UInt8] = []
    private var start = 0
    private var searched = 0

    mutating func append(_ new: ArraySlice<UInt8>) { bytes += new }

    /// Takes the next line without its end; `nil` if none is whole.
    mutating func takeLine() -> [UInt8]? {
        guard let end = bytes[searched...].firstIndex(of: 0x0A) else {
            searched = bytes.count
            return nil
        }
        defer { (start, searched) = (end + 1, end + 1) }
        return Array(bytes[start..<end])
    }

    /// Takes everything.
    mutating func takeAll() -> [UInt8] {
        defer { self = LineBuffer() }
        return Array(bytes[start...])
    }

    /// What has come and was not taken.
    var rest: ArraySlice<UInt8> { bytes[start...] }
}
