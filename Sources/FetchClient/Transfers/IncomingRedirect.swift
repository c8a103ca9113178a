// SPDX-License-Identifier: MIT
// fetchpool

/// The properties of a response that decide whether the client follows a redirect, and to which URL.
struct IncomingRedirect {
    /// The statuses that are followed (Fetch Standard, "redirect status").
    private static let statuses = [301, 302, 303, 307, 308]

    /// True if redirects are followed and the response has one of `statuses`.
    private(set) var isOne = false
    /// True if the redirect came over HTTP/2.
    ///
    /// The connection of such a redirect stays usable even if the client does not read the whole body.
    private(set) var isMultiplexed = false
    /// True if the server closes the connection after the response.
    var closesConnection: Bool { isClosed || isOld && !isKept }
    /// True if the version is HTTP/1.0, in which connections close by default.
    private var isOld = false
    /// True if `Connection` contains `close`.
    private var isClosed = false
    /// True if `Connection` contains `keep-alive`.
    private var isKept = false
    /// The first nonempty value of `Location`; continuation lines are joined by a space.
    private(set) var location: [UInt8] = []
    /// True if a later `Location` field has a continuation line, or a nonempty value other than `location`.
    private(set) var isAmbiguous = false
    /// True if `location` came from the last `Location` field so far.
    private var isLocationLast = false
    /// The number of dropped body bytes; the announced number if the announced body is too long to be
    /// read.
    var droppedBytes = 0

    /// Processes the first line of a response.
    mutating func begin(_ status: Int, firstLine line: Span<UInt8>) {
        isOne = Self.statuses.contains(status)
        isMultiplexed = line.count > 5 && line[5] == UInt8(ascii: "2")
        isOld = line.count > 7 && line[5] == UInt8(ascii: "1") && line[7] == UInt8(ascii: "0")
    }

    /// True if the response is a redirect with a nonempty `Location`.
    var isFollowed: Bool { isOne && !location.isEmpty }

    /// Processes a value of `Location`, without surrounding blanks.
    mutating func noteLocation(_ value: [UInt8]) {
        isLocationLast = location.isEmpty
        if location.isEmpty {
            location = value
        } else if !value.isEmpty, value != location {
            isAmbiguous = true
        }
    }

    /// Processes a continuation line of the last `Location` field.
    mutating func continueLocation(_ value: [UInt8]) {
        if isLocationLast { location += (location.isEmpty ? [] : [0x20]) + value } else { isAmbiguous = true }
    }

    /// Processes a value of `Connection` (RFC 9110 §7.6.1).
    mutating func noteConnection(_ value: [UInt8]) {
        for option in value.split(separator: UInt8(ascii: ",")) {
            let name = option.filter { $0 != 0x20 && $0 != 0x09 }.map { $0 | 0x20 }
            if name == Array("close".utf8) { isClosed = true }
            if name == Array("keep-alive".utf8) { isKept = true }
        }
    }
}
