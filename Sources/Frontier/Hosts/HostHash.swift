// SPDX-License-Identifier: MIT
// fetchpool

/// What a host is found by: 64 bits of its name and port, never 0; 0 stands for no host.
package typealias HostHash = UInt64

extension HostHash {
    /// By chance, so that nobody can make up names that all fall together.
    private static let secret = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max) | 1)

    /// The hash of a host; 0 if the name is empty.
    package static func of(_ name: Span<UInt8>, port: UInt16) -> HostHash {
        guard !name.isEmpty else { return 0 }
        let (seed, factor) = secret
        var hash = seed ^ UInt64(port) ^ UInt64(name.count) << 32
        var piece: UInt64 = 0
        for index in name.indices {
            piece = piece << 8 | UInt64(name[index])
            guard index & 7 == 7 else { continue }
            hash = folded(hash ^ piece, factor)
            piece = 0
        }
        // Twice, since what comes last would else be multiplied by a number and nothing more.
        return Swift.max(folded(folded(hash ^ piece, factor), seed | 1), 1)
    }

    /// The hash of a host; 0 if the name is empty.
    package static func of(_ name: String.UTF8View, port: UInt16) -> HostHash {
        of(Array(name).span, port: port)
    }

    /// The upper and the lower half of a product, laid over each other.
    private static func folded(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
