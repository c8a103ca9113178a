// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

extension JSONResult {
    /// Creates an object; members that are `nil` are left out.
    init(members: some Sequence<(String, (any JSONRepresentable)?)>) {
        var fault: ResultFault?
        var writer = JSONWriter()
        writer.beginObject()
        for case (let name, let value?) in members {
            let value = value.json
            if let inner = value.fault, fault == nil { fault = inner.within(member: name) }
            writer.string(name)
            writer.verbatim(":")
            writer.raw(value.bytes)
        }
        writer.endObject()
        self.init(oneLine: writer.take(), fault: fault)
    }

    /// Creates an array; elements that are `nil` become `null`.
    init(elements: some Sequence<(any JSONRepresentable)?>) {
        var fault: ResultFault?
        var writer = JSONWriter()
        writer.beginArray()
        for (index, element) in elements.enumerated() {
            let value = element?.json ?? .null
            if let inner = value.fault, fault == nil { fault = inner.within(element: index) }
            writer.raw(value.bytes)
        }
        writer.endArray()
        self.init(oneLine: writer.take(), fault: fault)
    }
}
