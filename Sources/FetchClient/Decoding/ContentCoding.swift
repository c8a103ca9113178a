// SPDX-License-Identifier: MIT
// fetchpool

/// A content coding (RFC 9110 §8.4.1) that can be undone here.
enum ContentCoding: String, CaseIterable {
    case deflate
    case gzip
    case brotli = "br"
    case zstd

    /// The coding of a name in lower case; nil for one that is not known, or that is none, as `identity` is.
    init?(name: String) {
        // Both names of gzip mean the same (RFC 9110 §8.4.1.3).
        self.init(rawValue: name == "x-gzip" ? "gzip" : name)
        guard isAvailable else { return nil }
    }

    private var isAvailable: Bool {
        switch self {
        case .deflate, .gzip: true
        case .brotli: BrotliDecoder.isAvailable
        case .zstd: ZstdDecoder.isAvailable
        }
    }

    /// The value of `Accept-Encoding` that names all codings.
    static let accepted = allCases.filter(\.isAvailable).map(\.rawValue).joined(separator: ", ")

    /// A decoder for a body in this coding; nil without memory.
    func decoder() -> (any StreamDecoder)? {
        switch self {
        case .deflate: Inflater(takesRawData: true)
        case .gzip: Inflater(takesRawData: false)
        case .brotli: BrotliDecoder()
        case .zstd: ZstdDecoder()
        }
    }

    /// True if a value of `Accept-Encoding` asks for a body without any coding: `identity` alone, or nothing.
    static func areRefused(by value: String) -> Bool {
        value.lowercased().split(separator: ",").allSatisfy { element in
            let parts = element.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            return parts.isEmpty || parts[0].isEmpty || parts[0] == "identity"
                || parts.dropFirst().contains {
                    $0.hasPrefix("q=0") && $0.dropFirst(3).allSatisfy { $0 == "." || $0 == "0" }
                }
        }
    }
}
