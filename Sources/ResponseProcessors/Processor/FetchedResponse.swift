// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWorker

/// A response as a processor sees it.
///
/// It owns its body.
public struct FetchedResponse: Sendable {
    /// One field of the response's header.
    public struct Field: Hashable, Sendable {
        /// The name in lower case.
        public var name: String
        /// The value without blanks around it.
        public var value: String

        /// Makes a field.
        public init(name: String, value: String) {
            (self.name, self.value) = (name, value)
        }
    }

    /// The final status: 200 to 299 where only good answers are processed.
    public var status: Int
    /// The final URL, after redirects.
    public var url: String
    /// The header in the order it came.
    public var header: [Field]
    /// The value of `Content-Type`; `nil` if there was none.
    public var contentType: String?
    /// The charset that `Content-Type` names, in lower case; `nil` if it names none.
    public var charset: String?
    /// The body, decoded from any content encoding; its text still has the charset it came in.
    public var body: [UInt8]
    /// The task, a JSON object: as the user gave it, with the number of its line as `id` where the user gave none.
    public var task: [UInt8]

    /// Makes a response, such as a processor's own tests need.
    public init(
        url: String,
        status: Int = 200,
        header: [Field] = [],
        contentType: String? = nil,
        charset: String? = nil,
        body: [UInt8],
        task: [UInt8] = Array("{}".utf8)
    ) {
        self.url = url
        self.status = status
        self.header = header
        self.contentType = contentType
        self.charset = charset
        self.body = body
        self.task = task
    }

    /// Reads the body that `description` names.
    ///
    /// - Throws: `TaskFailure` if it cannot be read as a whole.
    init(_ description: Response, task: [UInt8]) throws {
        let body =
            switch description.body {
            case .inline(let bytes): bytes
            case .file(let path, let offset):
                try BodyFile.read(path, offset: offset, count: description.bytes)
            case .segment: throw TaskFailure("the response names a segment instead of a file")
            }
        self.init(
            url: description.url,
            status: description.status,
            header: description.headers.map { Field(name: $0.name, value: $0.value) },
            contentType: description.contentType,
            charset: description.charset,
            body: body,
            task: task
        )
    }
}
