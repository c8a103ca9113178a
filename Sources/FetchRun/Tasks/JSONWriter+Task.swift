// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import PoolWire

extension JSONWriter {
    /// Begins a task's record with the members before `outcome`; `object` is the task object.
    mutating func beginRecord(of task: RunTask, _ object: Span<UInt8>) {
        let url = object.extracting(task.url.range)
        if task.id.isEmpty {
            beginRecord(id: Array(String(task.ordinal).utf8).span, url: url)
        } else {
            beginRecord(id: object.extracting(task.id.range), url: url)
        }
        recordMethod(task.method)
    }

    /// Ends the record of a task.
    mutating func endRecord(of task: RunTask, _ object: Span<UInt8>) {
        endRecord(meta: task.meta.isEmpty ? nil : object.extracting(task.meta.range))
    }
}
