// SPDX-License-Identifier: MIT
// fetchpool

import Frontier

// The ranges of the last message and of its parts in `bytes`; the message must be a task.

extension InputBatch {
    /// The range of the last message's text, which is a bare URL or an object.
    var textOfLast: Range<Int> {
        let text = messages[messages.count - 1].task.text
        return Int(text.start)..<Int(text.start) + Int(text.count)
    }

    /// Converts a range in the last message's object to a range in `bytes`.
    ///
    /// The message must not be a bare URL, because `bytes` does not contain the object of a bare URL.
    func placeInLast(_ range: ByteRange) -> Range<Int> {
        let start = textOfLast.lowerBound + Int(range.start)
        return start..<start + Int(range.count)
    }

    /// The range of the last message's URL, without quotes.
    ///
    /// The URL of an object can contain JSON escapes.
    var urlOfLast: Range<Int> {
        let last = messages[messages.count - 1]
        guard !last.isBare else { return textOfLast }
        return placeInLast(last.task.url).dropFirst().dropLast()
    }
}
