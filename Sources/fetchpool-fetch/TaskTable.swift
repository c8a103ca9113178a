// SPDX-License-Identifier: MIT
// fetchpool

/// A table of elements by token; a new element can get the token of a removed one.
struct TaskTable<Element> {
    private var elements: [Element?] = []
    private var free: [Int] = []

    /// Adds an element, and returns the token that removes it.
    mutating func insert(_ element: Element) -> Int {
        if let token = free.popLast() {
            elements[token] = element
            return token
        }
        elements.append(element)
        return elements.count - 1
    }

    /// Removes and returns the element of a token, which must be in the table.
    mutating func remove(_ token: Int) -> Element {
        guard let element = elements[token] else { preconditionFailure("no element has the token \(token)") }
        elements[token] = nil
        free.append(token)
        return element
    }
}
