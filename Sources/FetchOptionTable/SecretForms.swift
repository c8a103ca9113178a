// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
import OptionTable

// Messages must not contain a cookie, a user name or a password.

extension CookieFile: OptionValue {
    /// A description of the form: a file of cookies.
    package static var expectation: String { ValueForm<CookieFile>.cookieFile.expectation }

    /// Reads the file of cookies called `text`; `nil` if that is not possible.
    package init?(optionText text: String) {
        guard let file = try? ValueForm<CookieFile>.cookieFile.read(text) else { return nil }
        self = file
    }
}

extension ValueForm<CookieFile> {
    /// The form of a cookie file's name; the file is in the Netscape format.
    static var cookieFile: Self {
        Self(expectation: "a file of cookies") { name throws(UsageError) in
            let text: [UInt8]
            do throws(UsageError) {
                text = try NamedFile(name: name, maxBytes: CookieFile.maxBytes).whole()
            } catch {
                // curl takes a value with an equals sign as a cookie, not as the name of a file. So the
                // message does not show such a value.
                guard name.utf8.contains(UInt8(ascii: "=")) else { throw error }
                throw UsageError(
                    "it takes the name of a file, and this file cannot be read; for a cookie in each request write --header 'Cookie: NAME=VALUE'"
                )
            }
            do throws(CookieFile.Fault) {
                return try CookieFile(reading: text)
            } catch {
                throw UsageError("the file '\(name)', line \(error.line): \(error.reason)")
            }
        }
    }
}

extension Netrc: OptionValue {
    /// A description of the form: a file of logins.
    package static var expectation: String { ValueForm<Netrc>.netrc.expectation }

    /// Reads the file of logins called `text`; `nil` if that is not possible.
    package init?(optionText text: String) {
        guard let file = try? ValueForm<Netrc>.netrc.read(text) else { return nil }
        self = file
    }
}

extension ValueForm<Netrc> {
    /// The form of a login file's name; the file is in the format of netrc(5).
    static var netrc: Self {
        Self(expectation: "a file of logins") { name throws(UsageError) in
            let text = try NamedFile(name: name, maxBytes: Netrc.maxBytes).whole()
            do throws(Netrc.Fault) {
                return try Netrc(reading: text)
            } catch {
                throw UsageError("the file '\(name)', line \(error.line): \(error.reason)")
            }
        }
    }
}

extension GivenAddresses: OptionValue {
    /// A description of the form: a host, a port and addresses.
    package static var expectation: String { "HOST:PORT:ADDRESS" }

    /// Reads a host, a port and addresses; `nil` if the text has another form.
    package init?(optionText text: String) {
        guard let given = try? GivenAddresses(reading: text) else { return nil }
        self = given
    }
}

extension ValueForm<GivenAddresses> {
    /// The form of a host, a port and addresses.
    static var givenAddresses: Self {
        Self(expectation: GivenAddresses.expectation) { text throws(UsageError) in
            do throws(GivenAddresses.Refusal) {
                return try GivenAddresses(reading: text)
            } catch {
                throw UsageError(error.description)
            }
        }
    }
}

extension ValueForm<String> {
    /// The name of a file to write cookies to.
    static var cookieJar: Self {
        Self(expectation: "a file") { name throws(UsageError) in
            guard !name.isEmpty, name != "-" else {
                throw UsageError("it takes the name of a file; standard output is for records")
            }
            return name
        }
    }
}
