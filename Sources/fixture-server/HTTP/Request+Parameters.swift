// SPDX-License-Identifier: MIT
// fetchpool

extension Request {
    /// The path up to its second slash, without slashes.
    var firstSegment: String {
        String(path.dropFirst().prefix { $0 != "/" })
    }

    /// The parts of the path after the first: `["3", "key"]` for `/flaky/3/key`.
    var parameters: [Substring] {
        Array(path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).dropFirst())
    }

    /// A parameter as a number from 0 to `limit`; `standard` where it is missing, nil where it is something else.
    func number(_ index: Int, upTo limit: Int, standard: Int? = nil) -> Int? {
        let parameters = parameters
        guard index < parameters.count else { return standard }
        guard let value = Int(parameters[index]), (0...limit).contains(value) else { return nil }
        return value
    }

    /// The value of `name=value` in the query, decoded; nil where the name is not there.
    func query(_ name: String) -> String? {
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        for pair in target[mark...].dropFirst().split(separator: "&") where pair.hasPrefix("\(name)=") {
            return pair.dropFirst(name.count + 1).percentDecoded
        }
        return nil
    }
}

extension Substring {
    /// This with each `%XX` as the byte it stands for.
    var percentDecoded: String {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            let digits = String(Substring(rest.prefix(2)))
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2, let value = UInt8(digits, radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
