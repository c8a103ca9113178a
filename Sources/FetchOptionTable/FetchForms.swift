// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
package import OptionTable
import Platform

extension PrivateAddresses: OptionValue {}

extension HeaderField: FormedOptionValue {
    /// The form of a header field: a name, a colon and a value.
    ///
    /// Spaces and tabs around the value are removed (RFC 9110 §5.5).
    package static var form: ValueForm<Self> {
        ValueForm(expectation: "'Name: value'") { text throws(UsageError) in
            try checkUTF8(text, isSecret: true)
            guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else {
                throw UsageError("expected 'Name: value', and the colon is missing")
            }
            let value = HeaderField.withoutBlanks(text.utf8[colon...].dropFirst())
            let field = HeaderField(name: String(text[..<colon]), value: String(Substring(value)))
            if let refusal = field.refusal { throw UsageError(refusal) }
            return field
        }
    }
}

extension ValueForm<String> {
    /// The form of a text that workers get; the text must be UTF-8, because messages are JSON.
    package static var workerText: Self {
        Self(expectation: "text") { text throws(UsageError) in
            try checkUTF8(text)
            return text
        }
    }

    /// The form of a value for `User-Agent`, without the spaces and tabs around it.
    static var userAgent: Self {
        Self(expectation: "text") { text throws(UsageError) in
            try checkUTF8(text)
            guard HeaderField(name: "User-Agent", value: text).refusal == nil else {
                throw UsageError("it holds a line break or another control character")
            }
            return String(Substring(HeaderField.withoutBlanks(text.utf8[...])))
        }
    }

    /// The form of a file of certificates; the value is `CertificateFile.absoluteName`.
    static var certificateFile: Self {
        Self(expectation: "a file of certificates") { name throws(UsageError) in
            try checkUTF8(name)
            let file = CertificateFile(name: name)
            guard CertificateText.holdsCertificate(try file.contents()) else {
                throw UsageError(
                    "the file '\(name)' holds no certificate; name a file with certificates in PEM form"
                )
            }
            return file.absoluteName
        }
    }
}

extension ProxyURL: FormedOptionValue {
    /// The form of a proxy's URL, which may hold a user name and a password.
    package static var form: ValueForm<Self> {
        ValueForm(expectation: "a proxy") { text throws(UsageError) in
            try checkUTF8(text, isSecret: true)
            do throws(ProxyURL.Refusal) {
                return try ProxyURL(reading: text)
            } catch {
                throw UsageError(error.description)
            }
        }
    }
}

/// Refuses a text with escapes for bytes that are not UTF-8; the message does not show a secret text.
private func checkUTF8(_ text: String, isSecret: Bool = false) throws(UsageError) {
    guard text.hasSystemEscapes else { return }
    throw UsageError("\(isSecret ? "the value" : "'\(text)'") is not valid UTF-8, which workers need")
}
