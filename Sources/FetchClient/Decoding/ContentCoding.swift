// SPDX-License-Identifier: MIT
// fetchpool

/// A content coding (RFC 9110 §8.4.1) that the client can undo; `br` and `zstd` need their libraries.
enum ContentCoding: String, CaseIterable {
    case deflate
    case gzip
    case brotli = "br"
    case zstd

    /// Creates the coding with a name in lower case; returns `nil` if the coding is unknown or not available.
    init?(name: String) {
        // `x-gzip` means the same as `gzip` (RFC 9110 §8.4.1.3).
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

    /// The value of `Accept-Encoding` that names all available codings.
    static let accepted = allCases.filter(\.isAvailable).map(\.rawValue).joined(separator: ", ")

    /// Returns a decoder for a body in this coding; `nil` if the coding's library is missing or memory runs
    /// out.
    func decoder() -> (any StreamDecoder)? {
        switch self {
        case .deflate: Inflater(takesRawData: true)
        case .gzip: Inflater(takesRawData: false)
        case .brotli: BrotliDecoder()
        case .zstd: ZstdDecoder()
        }
    }

    /// Returns true if a value of `Accept-Encoding` allows no coding.
    ///
    /// A value allows no coding if each element is empty, is `identity`, or has `q=0`.
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
