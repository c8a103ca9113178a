// SPDX-License-Identifier: MIT
// fetchpool

// Rules for header fields that frame the message or control the connection. Without these rules, a server and
// a proxy in front of it could disagree about the start of the next request. Also, a field with the password
// of a proxy would go to the servers behind the proxy.

extension HeaderField {
    /// The reason why these rules refuse the field; `nil` if they allow the field.
    var connectionRefusal: String? {
        switch Self.canonicalName(name) {
        case "content-length", "transfer-encoding": "the header '\(name)' is set by fetchpool; leave it out"
        case "connection":
            options.first { $0 != "close" && $0 != "keep-alive" }.map {
                "the header '\(name)' may contain only close and keep-alive, not '\($0)'; leave '\($0)' out"
            }
        case "te":
            options == ["trailers"]
                ? nil
                : "the header '\(name)' may only be 'trailers', because fetchpool accepts no transfer coding except 'chunked'"
        case "upgrade", "http2-settings":
            "the header '\(name)' asks to change the protocol of the connection, which fetchpool cannot do; leave it out"
        case "keep-alive", "proxy-connection":
            "the header '\(name)' controls the connection, which fetchpool does itself; leave it out"
        case "proxy-authorization":
            "the header '\(name)' would go to servers instead of the proxy; write --proxy http://user:password@host:port"
        case "host" where !isHost: "the header '\(name)' must hold one host, with a port or without"
        default: nil
        }
    }

    /// Returns the name in lower case, with hyphens in place of underscores.
    ///
    /// CGI servers treat `Content_Length` as `Content-Length` (RFC 3875 §4.1.18).
    private static func canonicalName(_ name: String) -> String {
        String(
            decoding: name.lowercased().utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 },
            as: UTF8.self
        )
    }

    /// The nonempty elements of the value, read as a list with commas, in lower case and without surrounding
    /// blanks.
    private var options: [String] {
        value.lowercased().split(separator: ",").map { element in
            String(
                element.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }
                    .reversed()
            )
        }.filter { !$0.isEmpty }
    }

    /// True if the value is not empty, and all its characters may occur in a host with a port (RFC 9110
    /// §7.2).
    ///
    /// A comma is refused too, because it could separate two hosts.
    private var isHost: Bool {
        !value.isEmpty
            && value.utf8.allSatisfy { byte in
                byte > 0x20 && byte < 0x7F && !"/\\?#@,<>\"{}|^`".utf8.contains(byte)
            }
    }
}
