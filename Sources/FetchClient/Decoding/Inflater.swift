// SPDX-License-Identifier: MIT
// fetchpool

import CCodings

/// A decoder of `gzip` (RFC 1952) and `deflate` (RFC 1950).
///
/// For `deflate`, many servers send raw data (RFC 1951) without the zlib header; this decoder accepts both
/// forms.
///
/// A gzip body may have several members (RFC 1952 §2.2). Bytes after the last member are ignored. Servers
/// confuse the names `gzip` and `deflate`, so the first two bytes of the body decide between the codings.
/// The trailer holds the checksum and, for gzip, the length. Some servers cut off the trailer. Data without
/// its trailer, or with only a part of its trailer, counts as complete.
///
/// Bounds of the unsafe code: zlib reads at most `avail_in` bytes at `next_in`; the caller keeps these bytes
/// alive during the call. zlib writes at most `avail_out` bytes at `next_out`, in the output buffer.
@safe
final class Inflater: StreamDecoder {
    private enum State {
        /// The first two bytes of the body (`start`) or of a possible next member (`between`) have not both
        /// arrived.
        case start, between
        case inside
        /// All further input is ignored.
        case over
    }

    private enum Format { case gzip, zlib, raw }

    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let room = DecoderRoom()
    private let takesRawData: Bool
    private var state = State.start
    private var isReady = false
    private var format = Format.raw
    /// The first bytes of a member, until two have arrived.
    private var head: [UInt8] = []

    /// Creates a decoder; `takesRawData` is true for `deflate`, whose data may have no header.
    init(takesRawData: Bool) {
        self.takesRawData = takesRawData
        unsafe stream.initialize(to: z_stream())
    }

    deinit {
        if isReady { unsafe _ = inflateEnd(stream) }
        unsafe stream.deallocate()
    }

    var mayEnd: Bool {
        switch state {
        case .start: head.isEmpty
        case .inside: lacksOnlyTrailer
        case .between, .over: true
        }
    }

    /// True if the data lacks only its trailer, or only the last bytes of its trailer.
    ///
    /// In this case, the correct trailer or its last bytes complete the data. If compressed data is missing
    /// too, the decoder needs more bytes than a trailer has, so no part of a trailer completes the data.
    private var lacksOnlyTrailer: Bool {
        let trailer = trailer
        return trailer.indices.contains { completesData(Array(trailer[$0...])) }
    }

    /// The trailer that belongs to the decoded data (RFC 1952 §2.3.1, RFC 1950 §2.2); empty for raw data.
    private var trailer: [UInt8] {
        func bytes(_ value: UInt) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        let (checksum, length) = unsafe (stream.pointee.adler, stream.pointee.total_out)
        return switch format {
        case .gzip: bytes(checksum) + bytes(length)
        case .zlib: bytes(checksum).reversed()
        case .raw: []
        }
    }

    /// Returns true if a copy of the decoder reaches the end of the data with exactly the bytes in `rest`.
    private func completesData(_ rest: [UInt8]) -> Bool {
        let copy = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: rest.count)
        unsafe copy.initialize(to: z_stream())
        unsafe _ = input.initialize(from: rest)
        defer {
            unsafe copy.deallocate()
            unsafe input.deallocate()
        }
        guard unsafe inflateCopy(copy, stream) == Z_OK else { return false }
        defer { unsafe _ = inflateEnd(copy) }
        unsafe (copy.pointee.next_in, copy.pointee.avail_in) = (input.baseAddress, UInt32(rest.count))
        unsafe copy.pointee.next_out = room.bytes.baseAddress?.assumingMemoryBound(to: Bytef.self)
        unsafe copy.pointee.avail_out = UInt32(room.bytes.count)
        return unsafe CCodings.inflate(copy, Z_SYNC_FLUSH) == Z_STREAM_END && copy.pointee.avail_in == 0
    }

    func decode(_ input: UnsafeRawBufferPointer, _ output: Output) throws(DecodingFault) -> Bool {
        var next = 0
        while next < input.count {
            switch state {
            case .over: return true
            case .start, .between:
                unsafe head.append(input[next])
                next += 1
                guard try begin() else { continue }
                let first = head
                head = []
                // zlib always consumes both bytes: each header, and any raw data, has at least two bytes.
                guard try unsafe inflate(first, output) != nil else { return false }
            case .inside:
                let rest = unsafe UnsafeRawBufferPointer(rebasing: input[next...])
                guard let count = try unsafe inflate(rest, output) else { return false }
                next += count
            }
        }
        return true
    }

    /// Examines the bytes in `head`; returns true if they are two bytes that begin the body or a further
    /// member.
    private func begin() throws(DecodingFault) -> Bool {
        let magic: [UInt8] = [0x1F, 0x8B]
        if state == .between {
            guard magic.starts(with: head) else {
                (state, head) = (.over, [])
                return false
            }
            guard head.count == 2 else { return false }
            unsafe _ = inflateReset(stream)
            state = .inside
            return true
        }
        guard head.count == 2 else { return false }
        // RFC 1950 §2.2: the method is 8, and the two bytes form a 16-bit number that is a multiple of 31.
        let isZlib = head[0] & 0x0F == 8 && (Int(head[0]) << 8 | Int(head[1])) % 31 == 0
        format = head == magic ? .gzip : isZlib ? .zlib : .raw
        guard format != .raw || takesRawData else { throw DecodingFault(reason: "it is not gzip data") }
        let windowBits =
            switch format {
            case .gzip: MAX_WBITS + 16
            case .zlib: MAX_WBITS
            case .raw: -MAX_WBITS
            }
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        guard unsafe inflateInit2_(stream, windowBits, ZLIB_VERSION, size) == Z_OK else {
            throw DecodingFault(reason: "there is no memory for it")
        }
        (isReady, state) = (true, .inside)
        return true
    }

    private func inflate(_ bytes: [UInt8], _ output: Output) throws(DecodingFault) -> Int? {
        // `copy` is freed only after the inner call of `inflate` has returned.
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { unsafe copy.deallocate() }
        unsafe copy.copyBytes(from: bytes)
        return try unsafe inflate(UnsafeRawBufferPointer(copy), output)
    }

    /// Decodes until the input is used up or a member ends.
    ///
    /// - Returns: The number of bytes used; `nil` if `output` returned false.
    private func inflate(_ input: UnsafeRawBufferPointer, _ output: Output) throws(DecodingFault) -> Int? {
        let start = unsafe input.baseAddress?.assumingMemoryBound(to: Bytef.self)
        unsafe stream.pointee.next_in = unsafe UnsafeMutablePointer(mutating: start)
        unsafe stream.pointee.avail_in = UInt32(input.count)
        while true {
            unsafe stream.pointee.next_out = room.bytes.baseAddress?.assumingMemoryBound(to: Bytef.self)
            unsafe stream.pointee.avail_out = UInt32(room.bytes.count)
            let code = unsafe CCodings.inflate(stream, Z_SYNC_FLUSH)
            let left = unsafe Int(stream.pointee.avail_out)
            let count = unsafe room.bytes.count - left
            if count > 0, try unsafe !output(room.filled(count)) { return nil }
            let used = unsafe input.count - Int(stream.pointee.avail_in)
            switch code {
            case Z_STREAM_END:
                state = format == .gzip ? .between : .over
                return used
            case Z_OK where left == 0: break
            // zlib needs more input to continue.
            case Z_OK, Z_BUF_ERROR: return used
            default:
                let message = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
                throw DecodingFault(reason: message ?? "zlib reported error \(code)")
            }
        }
    }
}
