// SPDX-License-Identifier: MIT
// fetchpool

// Rules for header fields that frame the message or control the connection. If such fields were sent
// unchecked, a server and a proxy in front of it could disagree about where the next request begins.

extension HeaderField {
    /// The reason why this field, which frames the message or controls the connection, is refused; `nil` if
    /// it is allowed.
    var connectionRefusal: String? {
        switch Self.canonicalName(name) {
        case "content-length", "transfer-encoding": "the header '\(name)' is set by fetchpool; leave it out"
        case "connection":
            options.first { $0 != "close" && $0 != "keep-alive" }.map {
                "the header '\(name)' may name close and keep-alive alone, not '\($0)'; fields that go no further than the next server are set by fetchpool"
            }
        case "te":
            options == ["trailers"]
                ? nil
                : "the header '\(name)' may only be 'trailers', since no other transfer coding is undone"
        case "upgrade", "http2-settings":
            "the header '\(name)' asks for another protocol, which fetchpool cannot speak; leave it out"
        case "keep-alive", "proxy-connection":
            "the header '\(name)' is about the connection, which fetchpool sees to; leave it out"
        case "host" where !isHost: "the header '\(name)' must hold one host, with a port or without"
        default: nil
        }
    }

    /// Returns the name in lower case with hyphens for underscores: CGI servers treat `Content_Length` as
    /// `Content-Length` (RFC 3875 §4.1.18).
    private static func canonicalName(_ name: String) -> String {
        String(
            decoding: name.lowercased().utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 },
            as: UTF8.self
        )
    }

    /// The elements of the value as a list, in lower case.
    private var options: [String] {
        value.lowercased().split(separator: ",").map { element in
            String(
                element.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }
                    .reversed()
            )
        }.filter { !$0.isEmpty }
    }

    /// True if all characters of the value may occur in a host with a port (RFC 9110 §7.2).
    private var isHost: Bool {
        !value.isEmpty
            && value.utf8.allSatisfy { byte in
                byte > 0x20 && byte < 0x7F && !"/\\?#@,<>\"{}|^`".utf8.contains(byte)
            }
    }
}
