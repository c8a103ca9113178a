// SPDX-License-Identifier: MIT
// fetchpool

extension Request {
    /// The path up to its second slash, without slashes.
    var firstSegment: String {
        String(path.dropFirst().prefix { $0 != "/" })
    }

    /// The parts of the path after the first part: `["3", "key"]` for `/flaky/3/key`.
    var parameters: [Substring] {
        Array(path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).dropFirst())
    }

    /// Returns a parameter as a number from 0 to `limit`; `standard` if the parameter is missing, nil if it
    /// is invalid.
    func number(_ index: Int, upTo limit: Int, standard: Int? = nil) -> Int? {
        let parameters = parameters
        guard index < parameters.count else { return standard }
        guard let value = Int(parameters[index]), (0...limit).contains(value) else { return nil }
        return value
    }

    /// Returns the decoded value of `name=value` in the query; nil if the name is missing.
    func query(_ name: String) -> String? {
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        for pair in target[mark...].dropFirst().split(separator: "&") where pair.hasPrefix("\(name)=") {
            return pair.dropFirst(name.count + 1).percentDecoded
        }
        return nil
    }
}

extension Substring {
    /// The text, with each `%XX` replaced by its byte.
    var percentDecoded: String {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            let digits = String(Substring(rest.prefix(2)))
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit),
                let value = UInt8(digits, radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
