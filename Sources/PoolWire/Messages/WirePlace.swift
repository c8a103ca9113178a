// SPDX-License-Identifier: MIT
// fetchpool

// What an answer says of its line, in half the room that optional values take.

/// Where something lies in a line; nowhere, unless it was set.
struct WirePlace: Hashable, Sendable {
    private var start: UInt32 = 0
    private var end: UInt32 = 0

    /// The place.
    ///
    /// It ends behind the first byte, since something always stands in front of what has a place.
    @inline(__always)
    var range: Range<Int>? {
        get { end == 0 ? nil : Int(start)..<Int(end) }
        set { (start, end) = newValue.map { (UInt32($0.lowerBound), UInt32($0.upperBound)) } ?? (0, 0) }
    }
}

/// A whole number from 0; none, unless it was set.
struct WireNumber: Hashable, Sendable {
    private var stored = -1

    /// The number.
    @inline(__always)
    var value: Int? {
        get { stored < 0 ? nil : stored }
        set { stored = newValue ?? -1 }
    }
}

/// A number from 0; none, unless it was set.
struct WireFraction: Hashable, Sendable {
    private var stored = -1.0

    /// The number.
    @inline(__always)
    var value: Double? {
        get { stored < 0 ? nil : stored }
        set { stored = newValue ?? -1 }
    }
}
