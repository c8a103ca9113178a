// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// The processors that come with fetchpool.
package enum BundledProcessor: String, CaseIterable, Sendable {
    /// A page's title, description, canonical URL and links.
    case links
    /// A page's visible text.
    case text
    /// A JSON body's validity, type and size, and the value if it is small and portable (`JSONProcessor`).
    case json

    /// A new processor of this kind.
    package var processor: any SynchronousProcessor {
        switch self {
        case .links: LinksProcessor()
        case .text: TextProcessor()
        case .json: JSONProcessor()
        }
    }

    /// Returns the member `processor` of a worker's settings; `nil` if the settings have no such string.
    package static func name(inConfig config: [UInt8]) -> String? {
        let bytes = config.span
        guard let object = try? JSONScanner.document(in: bytes, range: 0..<bytes.count),
            let name = try? bytes.member("processor", of: object),
            let text = bytes.text(of: name)
        else { return nil }
        return String(decoding: text, as: UTF8.self)
    }
}
