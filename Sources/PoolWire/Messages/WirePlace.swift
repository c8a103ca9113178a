// SPDX-License-Identifier: MIT
// fetchpool

// Optional values of a result message, in half the memory of Swift's optionals, or less.

/// An optional range in a line.
struct WirePlace: Hashable, Sendable {
    private var start: UInt32 = 0
    private var end: UInt32 = 0

    /// The range; `nil` if it was not set.
    ///
    /// An end of 0 stands for `nil`. No range ends at 0, because each line has bytes before its first range.
    @inline(__always)
    var range: Range<Int>? {
        get { end == 0 ? nil : Int(start)..<Int(end) }
        set { (start, end) = newValue.map { (UInt32($0.lowerBound), UInt32($0.upperBound)) } ?? (0, 0) }
    }
}

/// An optional whole number of at least 0.
struct WireNumber: Hashable, Sendable {
    private var stored = -1

    /// The number; `nil` if it was not set.
    @inline(__always)
    var value: Int? {
        get { stored < 0 ? nil : stored }
        set { stored = newValue ?? -1 }
    }
}

/// An optional number of at least 0.
struct WireFraction: Hashable, Sendable {
    private var stored = -1.0

    /// The number; `nil` if it was not set.
    @inline(__always)
    var value: Double? {
        get { stored < 0 ? nil : stored }
        set { stored = newValue ?? -1 }
    }
}
