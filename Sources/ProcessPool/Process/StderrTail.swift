// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// The last lines that a worker wrote to standard error, for the record of its death.
struct StderrTail: Sendable {
    /// Lines kept.
    static let lines = 20
    /// Bytes kept of a line.
    static let lineBytes = 500

    private(set) var tail: [String] = []
    private var framer = LineFramer(maxLineBytes: 64 << 10)

    /// Takes bytes that were read; answers the lines they end.
    mutating func take(_ bytes: [UInt8]) -> [String] {
        framer.append(bytes)
        var new: [String] = []
        while let line = framer.next() { new.append(keep(line)) }
        return new
    }

    /// Takes what stood after the last line feed.
    mutating func finish() -> String? {
        framer.finish().map { keep($0) }
    }

    private mutating func keep(_ line: LineFramer.Line) -> String {
        let range =
            switch line {
            case .whole(let range), .tooLong(let range): range
            }
        let text = String(decoding: framer.bytes[range].prefix(Self.lineBytes), as: UTF8.self)
        add(text)
        return text
    }

    /// Adds a line that its coordinator has to say of it.
    mutating func add(_ text: String) {
        tail.append(text)
        if tail.count > Self.lines { tail.removeFirst() }
    }
}
