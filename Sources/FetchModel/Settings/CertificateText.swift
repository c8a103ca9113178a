// SPDX-License-Identifier: MIT
// fetchpool

/// The text of a file of certificates (RFC 7468), as given to the option `--cacert`.
package enum CertificateText {
    /// The largest size of such a file; the files of operating systems have about 200 KB.
    package static let maxBytes = 16 << 20

    /// Returns true if a text contains at least one certificate; other content is ignored.
    package static func holdsCertificate(_ text: [UInt8]) -> Bool {
        for line in text.split(separator: UInt8(ascii: "\n")) {
            var line = line
            while let last = line.last, last <= 0x20 { line.removeLast() }
            if beginnings.contains(where: { line.elementsEqual($0) }) { return true }
        }
        return false
    }

    /// The first lines by which OpenSSL recognises certificates (PEM_read_bio_X509(3)).
    private static let beginnings = ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"].map {
        Array("-----BEGIN \($0)-----".utf8)
    }
}
