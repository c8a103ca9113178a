// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform
import PoolWire

/// The URLs of the input so far; they show whether a task repeats an earlier task.
///
/// Each URL takes about 20 bytes, plus the length of its task's id if the user gave an id. URLs count as the
/// same if they differ only in the fragment, or in parts that browsers normalise. A task with a body, its own
/// header fields, a method other than GET, or a user name or password in its URL repeats no task. No later
/// task repeats such a task.
struct RepeatedURLs {
    /// The first task with each URL, by the hash of the URL.
    ///
    /// A task without its own id is stored as its line number with the bit `isLine` set. Any other task is
    /// stored as 1 plus the index in `ids` at which the task's id begins.
    private var firsts = KeyTable()
    /// The ids that the user gave to tasks in `firsts`, as JSON, each with a zero byte after it.
    private var ids: [UInt8] = []

    private static let isLine: UInt64 = 1 << 63

    /// Returns the id, as JSON, of the earlier task that the last task of a batch repeats; `nil` if there is
    /// none.
    ///
    /// If the URL is new, the function stores it for later calls.
    mutating func first(ofLast batch: InputBatch) -> [UInt8]? {
        guard let url = batch.urlOfLastGet, let target = try? TargetURL(reading: url.span),
            target.authorization == nil
        else { return nil }
        let hash = TextHash.of(target.text.span)
        guard let first = firsts[hash] else {
            let own = batch.ownIDOfLast
            let line = UInt64(batch.messages[batch.messages.count - 1].task.ordinal)
            firsts.set(own == nil ? line | Self.isLine : UInt64(ids.count + 1), for: hash)
            if let own { ids += own + [0] }
            return nil
        }
        guard first & Self.isLine == 0 else { return Array(String(first & ~Self.isLine).utf8) }
        return Array(ids[Int(first - 1)...].prefix { $0 != 0 })
    }
}

extension InputBatch {
    /// The URL of the last task; `nil` if the task has a body, header fields, or a method other than GET.
    fileprivate var urlOfLastGet: [UInt8]? {
        let (last, bytes) = (messages[messages.count - 1], bytes)
        if last.isBare { return Array(bytes[textOfLast]) }
        let object = bytes.span.extracting(textOfLast)
        var scanner = JSONScanner()
        var url: [UInt8]?
        guard (try? scanner.enterObject(in: object)) != nil else { return nil }
        while let member = try? scanner.nextMember(in: object) {
            if object.isName(member, "url") {
                url = object.text(of: member.value)
            } else if object.isName(member, "method") {
                guard object.isText(member.value, "GET") else { return nil }
            } else if object.isName(member, "body") || object.isName(member, "body_base64") {
                return nil
            } else if object.isName(member, "headers") {
                // Header fields whose value is `null` were left out when the line was read.
                var fields = JSONScanner(at: member.value.range.lowerBound)
                guard (try? fields.enterObject(in: object)) != nil else { return nil }
                if (try? fields.nextMember(in: object)) != nil { return nil }
            }
        }
        return url
    }

    /// The user's id of the last task, as JSON; `nil` if there is none.
    fileprivate var ownIDOfLast: [UInt8]? {
        let task = messages[messages.count - 1].task
        return task.id.isEmpty ? nil : member(task.id)
    }

    /// Replaces the last task, which repeats the task with the id `first`, by a message of kind `refused`.
    mutating func refuseLast(repeating first: [UInt8]) {
        let last = messages[messages.count - 1]
        let own = ownIDOfLast ?? Array(String(last.task.ordinal).utf8)
        let url = last.isBare ? [0x22] + bytes[textOfLast] + [0x22] : member(last.task.url)
        let meta = last.task.meta.isEmpty ? nil : member(last.task.meta)
        removeLast()
        add(
            .refused(RefusedTask(ordinal: last.task.ordinal, id: own, url: url, meta: meta, repeating: first))
        )
    }

    /// Returns the bytes of a part of the last message's object.
    private func member(_ range: ByteRange) -> [UInt8] { Array(bytes[placeInLast(range)]) }
}
