// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
package import OptionTable

// Messages must not contain a cookie, a user name or a password.

extension CookieFile: FormedOptionValue {
    /// The form of a cookie file's name; the file is in the Netscape format.
    package static var form: ValueForm<Self> {
        ValueForm(expectation: "a file of cookies") { name throws(UsageError) in
            let text: [UInt8]
            do throws(UsageError) {
                text = try NamedFile(name: name, maxBytes: CookieFile.maxBytes).whole()
            } catch {
                // curl takes a value with an equals sign as a cookie, not as the name of a file. So the
                // message does not show such a value.
                guard name.utf8.contains(UInt8(ascii: "=")) else { throw error }
                throw UsageError(
                    "this option takes the name of a file, and this file cannot be read; for a cookie in each request write --header 'Cookie: NAME=VALUE'"
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

extension Netrc: FormedOptionValue {
    /// The form of a login file's name; the file is in the format of netrc(5).
    package static var form: ValueForm<Self> {
        ValueForm(expectation: "a file of logins") { name throws(UsageError) in
            let text = try NamedFile(name: name, maxBytes: Netrc.maxBytes).whole()
            do throws(Netrc.Fault) {
                return try Netrc(reading: text)
            } catch {
                throw UsageError("the file '\(name)', line \(error.line): \(error.reason)")
            }
        }
    }
}

extension GivenAddresses: FormedOptionValue {
    /// The form of a host, a port and addresses.
    package static var form: ValueForm<Self> {
        ValueForm(expectation: "HOST:PORT:ADDRESS") { text throws(UsageError) in
            do throws(GivenAddresses.Refusal) {
                return try GivenAddresses(reading: text)
            } catch {
                throw UsageError(error.description)
            }
        }
    }
}

extension ValueForm<String> {
    /// The form of the name of a file to write cookies to.
    static var cookieJar: Self {
        Self(expectation: "a file") { name throws(UsageError) in
            guard !name.isEmpty, name != "-" else {
                throw UsageError("this option takes the name of a file; standard output is for records")
            }
            return name
        }
    }
}
