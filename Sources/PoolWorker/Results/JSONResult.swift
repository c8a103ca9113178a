// SPDX-License-Identifier: MIT
// fetchpool

package import PoolWire

/// The result of a task: any JSON value, stored as its text.
///
/// Write it as Swift literals:
///
///     return ["title": title, "size": ["width": width, "unit": "px"], "tags": ["a", 1, true]]
///
/// Dictionary literals leave out members that are `nil`. A number that is not finite fails the task, and the
/// error names the place of the number.
public struct JSONResult: Hashable, Sendable, JSONRepresentable {
    /// The value's text: valid JSON in UTF-8, on one line; without meaning if there is a fault.
    package let bytes: [UInt8]
    /// The reason why the value, or a value in it, cannot be part of a result; `nil` if there is none.
    package let fault: ResultFault?
    /// The depth to which arrays and objects are nested in the value; 0 for other values, and if the depth
    /// was not counted.
    let depth: Int

    /// JSON's `null`.
    public static let null = JSONResult { $0.raw(Array("null".utf8)) }

    /// Creates a value from the output of `write`, which must be exactly one value without line feeds.
    package init(_ write: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        write(&writer)
        bytes = writer.take()
        (fault, depth) = (nil, 0)
    }

    /// Creates a value from its text, which must be exactly one valid JSON value on one line.
    package init(oneLine bytes: [UInt8]) {
        self.init(oneLine: bytes, depth: 0, fault: nil)
    }

    /// Creates a value from its text, as `init(oneLine:)` does, with its depth and its fault.
    ///
    /// If `fault` is `nil`, a value that nests too deep gets the fault `tooDeep`.
    init(oneLine bytes: [UInt8], depth: Int, fault: ResultFault?) {
        (self.bytes, self.depth) = (bytes, depth)
        self.fault = fault ?? (depth > CompactJSON.maxDepth ? .tooDeep : nil)
    }

    /// Creates a result with a fault; the text of the result is `null`.
    init(fault: ResultFault) {
        self.init(oneLine: Self.null.bytes, depth: 0, fault: fault)
    }

    /// Creates a value from a Swift value.
    public init(_ value: some JSONRepresentable) {
        self = value.json
    }

    /// Creates a value from a JSON text in UTF-8, such as the output of `JSONEncoder`.
    ///
    /// The value is stored on one line without blanks between its parts.
    ///
    /// U+0085, U+2028 and U+2029, at which some readers end a line, become escapes.
    ///
    /// - Throws: `TaskFailure` if the text is not valid JSON, or nests deeper than 500 arrays and objects.
    public init(text: [UInt8]) throws(TaskFailure) {
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONScanner.document(in: text.span, range: 0..<text.count)
        } catch {
            throw error.isTooDeep
                ? Self.tooDeep : TaskFailure("the result is not valid JSON: \(error.description)")
        }
        guard let compact = CompactJSON(value, in: text.span, maxBytes: .max) else { throw Self.tooDeep }
        self.init(oneLine: compact.bytes, depth: compact.depth, fault: nil)
    }

    private static let tooDeep = TaskFailure(
        "the result nests deeper than \(CompactJSON.maxDepth) arrays and objects"
    )

    /// Creates a value from a JSON text, as `init(text:)` for bytes does.
    ///
    /// - Throws: `TaskFailure` if the text is not valid JSON, or nests deeper than 500 arrays and objects.
    public init(text: String) throws(TaskFailure) {
        try self.init(text: Array(text.utf8))
    }

    /// This value.
    public var json: JSONResult { self }

    /// Returns true if both results have the same text, and both have the same fault or both have none.
    public static func == (left: JSONResult, right: JSONResult) -> Bool {
        left.bytes == right.bytes && left.fault == right.fault
    }

    /// Adds the text and the fault to `hasher`.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(bytes)
        hasher.combine(fault)
    }
}

extension JSONResult: CustomStringConvertible {
    /// The JSON text; if there is a fault, a sentence with the place and the reason of the fault.
    public var description: String { fault?.description ?? String(decoding: bytes, as: UTF8.self) }
}
