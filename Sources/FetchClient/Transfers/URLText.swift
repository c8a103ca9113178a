// SPDX-License-Identifier: MIT
// fetchpool

/// The text of a URL that came from a server.
enum URLText {
    /// Returns the URL without the user name and password before its host, which no record may show.
    static func withoutUserInfo(_ url: some Sequence<UInt8>) -> [UInt8] {
        let url = Array(url)
        let slash = UInt8(ascii: "/")
        guard let colon = url.firstIndex(of: UInt8(ascii: ":")), url.count > colon + 2,
            url[colon + 1] == slash, url[colon + 2] == slash
        else { return url }
        let start = colon + 3
        let ends = [slash, UInt8(ascii: "?"), UInt8(ascii: "#")]
        let end = url[start...].firstIndex { ends.contains($0) } ?? url.count
        guard let at = url[start..<end].lastIndex(of: UInt8(ascii: "@")) else { return url }
        return Array(url[..<start] + url[(at + 1)...])
    }
}
