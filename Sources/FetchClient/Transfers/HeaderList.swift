// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

/// Header fields in the form that libcurl takes; the list is freed with this object.
@safe
final class HeaderList {
    /// The head of the list; `nil` if it is empty.
    private(set) var first: UnsafeMutablePointer<curl_slist>?

    /// Makes a list of `common` fields and a task's `own`, which win where the names are the same.
    ///
    /// Two fields that libcurl would add unasked are always taken out unless given: `Expect`, which costs a second at
    /// servers that do not know it, and the `Content-Type` of a form, which a body of ours is not.
    init(_ common: [HeaderField], overriddenBy own: [HeaderField]) {
        var names: Set<String> = []
        for field in own { names.insert(field.name.lowercased()) }
        let fields = own + common.filter { !names.contains($0.name.lowercased()) }
        for field in common { names.insert(field.name.lowercased()) }
        for name in ["Expect", "Content-Type"] where !names.contains(name.lowercased()) { add("\(name):") }
        for field in fields {
            // A semicolon is how libcurl is told to send a field that has no value.
            add(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
    }

    deinit { unsafe curl_slist_free_all(first) }

    private func add(_ line: String) {
        // libcurl copies the text; it gives nil, and leaves the list as it was, only without memory.
        if let longer = unsafe curl_slist_append(first, line) { unsafe first = longer }
    }
}
