// SPDX-License-Identifier: MIT
// fetchpool

/// A check of the text of a certificate file (RFC 7468), for the option `--cacert`.
package enum CertificateText {
    /// The size in bytes above which reading of a file stops; the certificate files of operating systems have
    /// about 200 KB.
    package static let maxBytes = 16 << 20

    /// Returns true if any line of the text is the first line of a certificate.
    ///
    /// The rest of the certificate is not checked.
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
