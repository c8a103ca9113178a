// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc
import OptionTable
import Platform

extension HeaderField: OptionValue {
    /// A name, a colon and a value.
    package static var expectation: String { "a header field such as 'Accept: text/html'" }

    /// Creates a field from a line; `nil` if it may not be sent.
    package init?(optionText text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let value = parts[1].utf8.drop { $0 == 0x20 || $0 == 0x09 }
        self.init(name: String(parts[0]), value: String(Substring(value)))
        guard refusal == nil else { return nil }
    }
}

extension PrivateAddresses: OptionValue {}

extension ValueForm<String> {
    /// The address of an HTTP proxy, as libcurl is given it.
    static var proxy: Self {
        Self(expectation: "an HTTP proxy") { text throws(UsageError) in
            do throws(ProxyURL.Refusal) {
                return try ProxyURL(reading: text).text
            } catch {
                throw UsageError(error.description)
            }
        }
    }

    /// The name of a file of certificates that this process may read.
    static var certificateFile: Self {
        Self(expectation: "a file of certificates") { name throws(UsageError) in
            guard CertificateText.holdsCertificate(try contents(of: name)) else {
                throw UsageError("'\(name)' holds no certificate; name a file with certificates in PEM form")
            }
            return name
        }
    }

    private static func contents(of name: String) throws(UsageError) -> [UInt8] {
        let file = unsafe open(name, O_RDONLY | O_CLOEXEC)
        defer { if file >= 0 { close(file) } }
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while text.count < CertificateText.maxBytes {
            // A folder opens, but does not read.
            let count = file < 0 ? -1 : unsafe Glibc.read(file, &piece, piece.count)
            guard count >= 0 else {
                // The text is copied before anything else may overwrite it.
                throw UsageError("cannot read '\(name)': \(lastSystemError())")
            }
            guard count > 0 else { break }
            text += piece[..<count]
        }
        return text
    }
}
