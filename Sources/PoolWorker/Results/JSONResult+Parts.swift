// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

extension JSONResult {
    /// Creates an object; members that are `nil` are left out.
    init(members: some Sequence<(String, (any JSONRepresentable)?)>) {
        var (fault, depth) = (nil as ResultFault?, 0)
        var writer = JSONWriter()
        writer.beginObject()
        for case (let name, let value?) in members {
            let value = value.json
            if let inner = value.fault, fault == nil { fault = inner.within(member: name) }
            writer.string(name)
            writer.verbatim(":")
            depth = max(depth, value.depth)
            writer.raw(value.bytes)
        }
        writer.endObject()
        self.init(oneLine: writer.take(), depth: depth + 1, fault: fault)
    }

    /// Creates an array; elements that are `nil` become `null`.
    init(elements: some Sequence<(any JSONRepresentable)?>) {
        var (fault, depth) = (nil as ResultFault?, 0)
        var writer = JSONWriter()
        writer.beginArray()
        for (index, element) in elements.enumerated() {
            let value = element?.json ?? .null
            if let inner = value.fault, fault == nil { fault = inner.within(element: index) }
            depth = max(depth, value.depth)
            writer.raw(value.bytes)
        }
        writer.endArray()
        self.init(oneLine: writer.take(), depth: depth + 1, fault: fault)
    }
}
