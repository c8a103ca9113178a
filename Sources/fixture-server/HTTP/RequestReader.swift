// SPDX-License-Identifier: MIT
// fetchpool

/// A parser that turns the bytes of one connection into requests; the bytes may come in any pieces.
struct RequestReader {
    /// The largest size of request line and header together, in bytes.
    static let maxHeadBytes = 64 * 1024

    private var input: [UInt8] = []
    private var start = 0
    /// The index up to which the input was searched for the end of the head.
    private var searched = 0
    private var head: RequestHead?
    private var body = BodyReader(framing: .length(0))

    /// The number of received bytes that are not yet parsed as parts of a request.
    var waitingBytes: Int { input.count - start }

    /// True while the client waits for `100 Continue`.
    private(set) var owesContinue = false

    /// Notes that `100 Continue` was sent.
    mutating func sentContinue() { owesContinue = false }

    /// Adds bytes received on the connection.
    mutating func append(_ bytes: ArraySlice<UInt8>) {
        input.append(contentsOf: bytes)
    }

    /// Returns the next complete request; nil if more bytes are needed.
    mutating func next() throws(RequestFault) -> Request? {
        if head == nil { try readHead() }
        guard var found = head else { return nil }
        start += try body.consume(input[start...])
        discardUsed()
        guard body.isDone else { return nil }
        found.request.body = body.kept
        found.request.bodyLength = body.length
        head = nil
        owesContinue = false
        return found.request
    }

    private mutating func readHead() throws(RequestFault) {
        // Empty lines before a request are ignored (RFC 9112, 2.2).
        while start < input.count, input[start] == 0x0D || input[start] == 0x0A { start += 1 }
        // Without this check, a TLS client could wait forever, because its first bytes may have no line end.
        if start < input.count, !(0x41...0x5A).contains(input[start]) {
            throw .malformed("it does not begin with a method in capital letters")
        }
        guard let end = headEnd() else {
            guard input.count - start <= Self.maxHeadBytes else { throw .headTooLong }
            return
        }
        guard end.head - start <= Self.maxHeadBytes else { throw .headTooLong }
        // The head is copied, because the request outlives the input buffer.
        let found = try RequestHead(Array(input[start..<end.head])[...])
        head = found
        body = BodyReader(framing: found.framing)
        owesContinue = found.expectsContinue
        start = end.body
        searched = start
    }

    /// Returns the end of the head's last line and the beginning of the body; nil if the head is incomplete.
    private mutating func headEnd() -> (head: Int, body: Int)? {
        var index = max(start, searched)
        while index < input.count {
            if input[index] == 0x0A {
                if index + 1 >= input.count { break }
                if input[index + 1] == 0x0A { return (index, index + 2) }
                if input[index + 1] == 0x0D {
                    if index + 2 >= input.count { break }
                    if input[index + 2] == 0x0A { return (index, index + 3) }
                }
            }
            index += 1
        }
        searched = index
        return nil
    }

    private mutating func discardUsed() {
        if start == input.count {
            input.removeAll(keepingCapacity: input.capacity <= 16 * 1024)
            start = 0
            searched = 0
        } else if start >= 64 * 1024 {
            input.removeSubrange(..<start)
            searched = max(0, searched - start)
            start = 0
        }
    }
}
