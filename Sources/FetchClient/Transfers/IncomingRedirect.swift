// SPDX-License-Identifier: MIT
// fetchpool

/// The fields of a response with a status of 3xx that decide whether it is followed, and to which URL.
///
/// Pure. For other responses it stays as it is made.
struct IncomingRedirect {
    /// The statuses that are followed (Fetch Standard, "redirect status").
    private static let statuses = [301, 302, 303, 307, 308]

    /// True if the response has one of these statuses.
    private(set) var isOne = false
    /// True if the response came over HTTP/2: its connection stays usable if the body is not read to its end.
    private(set) var isMultiplexed = false
    /// True if the server closes the connection after the response.
    var closesConnection: Bool { isClosed || isOld && !isKept }
    /// True if the response is one of HTTP/1.0, whose connections close by default.
    private var isOld = false
    /// True if `Connection` contains `close`.
    private var isClosed = false
    /// True if `Connection` contains `keep-alive`.
    private var isKept = false
    /// The first value of `Location` that is not empty, as received.
    private(set) var location: [UInt8] = []
    /// True if another value of `Location` differs from the first.
    private(set) var isAmbiguous = false
    /// The number of body bytes that were dropped.
    var droppedBytes = 0

    /// Begins with the first line of a response.
    mutating func begin(_ status: Int, firstLine line: Span<UInt8>) {
        isOne = Self.statuses.contains(status)
        isMultiplexed = line.count > 5 && line[5] == UInt8(ascii: "2")
        isOld = line.count > 7 && line[5] == UInt8(ascii: "1") && line[7] == UInt8(ascii: "0")
    }

    /// True if the response is to be followed; an empty `Location` counts as none.
    var isFollowed: Bool { isOne && !location.isEmpty }

    /// Takes a value of `Location`, without the blanks around it.
    mutating func noteLocation(_ value: [UInt8]) {
        guard !value.isEmpty, value != location else { return }
        if location.isEmpty { location = value } else { isAmbiguous = true }
    }

    /// Joins a line that continues the last `Location`.
    mutating func continueLocation(_ value: [UInt8]) {
        location += (location.isEmpty ? [] : [0x20]) + value
    }

    /// Takes a value of `Connection` (RFC 9110 §7.6.1).
    mutating func noteConnection(_ value: [UInt8]) {
        for option in value.split(separator: UInt8(ascii: ",")) {
            let name = option.filter { $0 != 0x20 && $0 != 0x09 }.map { $0 | 0x20 }
            if name == Array("close".utf8) { isClosed = true }
            if name == Array("keep-alive".utf8) { isKept = true }
        }
    }
}
