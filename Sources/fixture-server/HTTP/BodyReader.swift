// SPDX-License-Identifier: MIT
// fetchpool

/// A reader that finds the end of one request body and keeps the first bytes.
struct BodyReader {
    private enum State {
        case content(Int)
        case chunkSize
        case chunkContent(Int)
        case chunkEnd
        case trailer
        case done
    }

    private var state: State
    /// The body's first bytes, at most `Request.keptBodyBytes`.
    private(set) var kept: [UInt8] = []
    /// The number of bytes of the body that were read, without the lines of the chunked coding.
    private(set) var length = 0

    init(framing: RequestHead.BodyFraming) {
        switch framing {
        case .length(let count): state = count == 0 ? .done : .content(count)
        case .chunked: state = .chunkSize
        }
    }

    var isDone: Bool {
        if case .done = state { true } else { false }
    }

    /// Reads as much of this body as possible from `bytes`; returns the number of bytes read.
    ///
    /// An incomplete line of the chunked coding is not read.
    mutating func consume(_ bytes: ArraySlice<UInt8>) throws(RequestFault) -> Int {
        var rest = bytes
        while !isDone, !rest.isEmpty {
            switch state {
            case .content(let missing):
                let left = take(missing, from: &rest)
                state = left == 0 ? .done : .content(left)
            case .chunkContent(let missing):
                let left = take(missing, from: &rest)
                state = left == 0 ? .chunkEnd : .chunkContent(left)
            case .chunkSize, .chunkEnd, .trailer:
                guard let line = try takeLine(from: &rest) else { return rest.startIndex - bytes.startIndex }
                try read(line)
            case .done:
                break
            }
        }
        return rest.startIndex - bytes.startIndex
    }

    private mutating func read(_ line: ArraySlice<UInt8>) throws(RequestFault) {
        switch state {
        case .chunkSize:
            let digits = line.prefix { $0 != 0x3B }
            guard let size = Int(String(decoding: trimmed(digits), as: UTF8.self), radix: 16), size >= 0
            else {
                throw .malformed("a chunk has no valid size")
            }
            state = size == 0 ? .trailer : .chunkContent(size)
        case .chunkEnd:
            guard line.isEmpty else { throw .malformed("a chunk is longer than its size") }
            state = .chunkSize
        case .trailer:
            if line.isEmpty { state = .done }
        case .content, .chunkContent, .done:
            break
        }
    }

    /// Removes up to `missing` bytes; returns the number of bytes still missing.
    private mutating func take(_ missing: Int, from rest: inout ArraySlice<UInt8>) -> Int {
        let piece = rest.prefix(missing)
        kept.append(contentsOf: piece.prefix(Request.keptBodyBytes - kept.count))
        length += piece.count
        rest = rest.dropFirst(piece.count)
        return missing - piece.count
    }

    private func takeLine(from rest: inout ArraySlice<UInt8>) throws(RequestFault) -> ArraySlice<UInt8>? {
        guard let end = rest.firstIndex(of: 0x0A) else {
            guard rest.count <= RequestReader.maxHeadBytes else { throw .headTooLong }
            return nil
        }
        let line = trimmed(rest[..<end])
        rest = rest[(end + 1)...]
        return line
    }
}
