// SPDX-License-Identifier: MIT
// fetchpool

/// Reads answers of exactly the form in which our own workers write them.
///
/// Whatever differs from it, by a blank, an escape in a name, another order, a member more or any fault, is left to the
/// general reader. What is taken reads there as the same answer; a test compares the two on spoilt lines.
package enum UsualAnswer {
    /// Reads a line; `false`, with `answer` spoilt, if it has another form.
    package static func read(_ line: Span<UInt8>, into answer: inout Answer) -> Bool {
        unsafe line.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            // The buffer lives for the call and covers its count.
            var cursor = unsafe JSONCursor(base, end: buffer.count, at: 0)
            guard cursor.take(#"{"t":"result","seq":"#), let seq = cursor.integer() else { return false }
            answer = Answer(seq: seq)
            if cursor.take(#","status":"#) {
                guard let status = cursor.integer() else { return false }
                answer.status = status
            }
            if cursor.take(#","fields":{"#) {
                guard readFields(&cursor, into: &answer) else { return false }
            } else if cursor.take(#","result":"#) {
                guard let result = try? cursor.value(within: WireLimits.maxValueDepth) else { return false }
                answer.result = result.range
            }
            answer.breaksLines = cursor.breaksLines
            return cursor.take("}") && cursor.position == cursor.end
        }
    }

    /// Reads what `fields` holds, its closing brace included.
    private static func readFields(_ cursor: inout JSONCursor, into answer: inout Answer) -> Bool {
        let start = cursor.position
        guard cursor.take(#""final_url":"#), cursor.takeString() else { return false }
        var redirects: Int? = 0
        if cursor.take(#","redirects":"#) { redirects = cursor.integer() }
        guard let redirects else { return false }
        if cursor.take(#","http_version":"#) {
            if cursor.take(#""2""#) {
                answer.isMultiplexed = redirects == 0
            } else if !cursor.takeString() {
                return false
            }
        }
        if cursor.take(#","remote_ip":"#), !cursor.takeString() { return false }
        if cursor.take(#","content_type":"#), !cursor.takeString() { return false }
        if cursor.take(#","bytes":{"wire":"#) {
            guard cursor.integer() != nil, cursor.take(#","body":"#), let body = cursor.integer(),
                cursor.take("}")
            else { return false }
            answer.bodyBytes = body
        }
        if cursor.take(#","timing":{"#) {
            let brace = cursor.position - 1
            guard let total = readTiming(&cursor, into: &answer) else { return false }
            answer.timing = brace..<cursor.position
            answer.totalMilliseconds = total
        }
        answer.fields = start..<cursor.position
        return cursor.take("}")
    }

    /// Reads what `timing` holds, its closing brace included; answers its total.
    private static func readTiming(_ cursor: inout JSONCursor, into answer: inout Answer) -> Double? {
        if cursor.take(#""dns_ms":"#) {
            guard let lookup = cursor.milliseconds(), cursor.take(",") else { return nil }
            answer.lookupMilliseconds = lookup
        }
        if cursor.take(#""connect_ms":"#), !cursor.takeMilliseconds() { return nil }
        if cursor.take(#""tls_ms":"#), !cursor.takeMilliseconds() { return nil }
        if cursor.take(#""ttfb_ms":"#), !cursor.takeMilliseconds() { return nil }
        guard cursor.take(#""total_ms":"#), let total = cursor.milliseconds(), cursor.take("}") else {
            return nil
        }
        return total
    }
}
