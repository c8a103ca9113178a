// SPDX-License-Identifier: MIT
// fetchpool

/// What is in flight, by small numbers that are used again.
struct TaskTable<Element> {
    private var elements: [Element?] = []
    private var free: [Int] = []

    /// Keeps an element, and gives the number that it can be taken out by.
    mutating func insert(_ element: Element) -> Int {
        if let token = free.popLast() {
            elements[token] = element
            return token
        }
        elements.append(element)
        return elements.count - 1
    }

    /// Takes an element out.
    mutating func remove(_ token: Int) -> Element {
        guard let element = elements[token] else { preconditionFailure("no element has the number \(token)") }
        elements[token] = nil
        free.append(token)
        return element
    }
}
