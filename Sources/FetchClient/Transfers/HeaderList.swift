// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

/// Header fields in the form that libcurl takes; the list is freed with this object.
///
/// Bounds of the unsafe code here: the nodes are libcurl's, and each lives until the whole list is freed.
@safe
final class HeaderList {
    /// The head of the list; `nil` if it is empty.
    private(set) var first: UnsafeMutablePointer<curl_slist>?
    /// The last node, behind which the next one goes: libcurl would walk the whole list to find it.
    private var last: UnsafeMutablePointer<curl_slist>?

    /// Makes a list of fields.
    ///
    /// Two fields that libcurl would add unasked are always taken out unless given: `Expect`, which costs a second at
    /// servers that do not know it, and the `Content-Type` of a form, which a body of ours is not.
    init(_ fields: [HeaderField]) {
        let names = Set(fields.map { $0.name.lowercased() })
        for name in ["Expect", "Content-Type"] where !names.contains(name.lowercased()) { add("\(name):") }
        for field in fields {
            // A semicolon is how libcurl is told to send a field that has no value.
            add(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
    }

    /// Makes a list of lines as they are.
    init(lines: [String]) {
        for line in lines { add(line) }
    }

    deinit { unsafe curl_slist_free_all(first) }

    private func add(_ line: String) {
        // libcurl copies the text; it gives nil, and leaves the list as it was, only without memory.
        guard let end = unsafe curl_slist_append(last, line) else { return }
        if unsafe first == nil { unsafe first = end }
        unsafe last = end.pointee.next ?? end
    }
}
