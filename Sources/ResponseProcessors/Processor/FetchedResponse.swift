// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWorker
import Spool

/// A response for a processor.
public struct FetchedResponse: Sendable {
    /// A header field of the response.
    public struct Field: Hashable, Sendable {
        /// The name, in lower case.
        public var name: String
        /// The value, without surrounding blanks.
        public var value: String

        /// Makes a field.
        public init(name: String, value: String) {
            (self.name, self.value) = (name, value)
        }
    }

    /// The status of the final response, 200 to 299; fetchpool passes no other responses to a processor.
    public var status: Int
    /// The final URL, after redirects.
    public var url: String
    /// The header fields, in the order received.
    public var header: [Field]
    /// The value of the last `Content-Type` field that is not empty; `nil` if there was none.
    public var contentType: String?
    /// The charset that `Content-Type` names, in lower case; `nil` if there is none.
    public var charset: String?
    /// The body without content codings; its text keeps the original charset.
    public var body: [UInt8]
    /// The task as a JSON object: as the user gave it, with the line number as `id` if the user gave none.
    public var task: [UInt8]

    /// Makes a response, for example in a test of a processor.
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

    /// Makes a response and reads its body.
    ///
    /// - Throws: `TaskFailure` if the body cannot be read completely, or if `description` names a segment of
    ///   the spool instead of a file.
    init(_ description: Response, task: [UInt8]) throws {
        let body =
            switch description.body {
            case .inline(let bytes): bytes
            case .file(let path, let offset):
                try Self.read(path, offset: offset, count: description.bytes)
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

    private static func read(_ path: String, offset: Int, count: Int) throws(TaskFailure) -> [UInt8] {
        do throws(SegmentFile.ReadError) {
            return try SegmentFile.read(path, offset: offset, count: count)
        } catch {
            throw TaskFailure("the body's file \(path) \(error)")
        }
    }
}
