// SPDX-License-Identifier: MIT
// fetchpool

/// The text of a file of certificates (RFC 7468), as the option `--cacert` names it.
package enum CertificateText {
    /// The most bytes that such a file has; those of whole systems have 200 KB.
    package static let maxBytes = 16 << 20

    /// True if a text holds at least one certificate; whatever else stands in it does not matter.
    package static func holdsCertificate(_ text: [UInt8]) -> Bool {
        for line in text.split(separator: UInt8(ascii: "\n")) {
            var line = line
            while let last = line.last, last <= 0x20 { line.removeLast() }
            if beginnings.contains(where: { line.elementsEqual($0) }) { return true }
        }
        return false
    }

    /// How OpenSSL knows certificates (PEM_read_bio_X509(3)).
    private static let beginnings = ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"].map {
        Array("-----BEGIN \($0)-----".utf8)
    }
}
