// SPDX-License-Identifier: MIT
// fetchpool

extension ResultMessage {
    /// The names that are allowed in `fields`.
    ///
    /// With other names, a worker could forge members of the record.
    private static let fieldNames: [StaticString] = [
        "final_url", "redirects", "redirect_chain", "http_version", "remote_ip", "content_type", "headers",
        "bytes", "timing", "insecure",
    ]

    /// Reads the members of `fields`; a member that is `null` counts as missing.
    ///
    /// - Throws: `JSONSyntaxError` if `fields` is not an object, or if a name in `fields` is not in
    ///   `fieldNames` or occurs twice. The error is also thrown if a member of `fields` has another form than
    ///   in a record (`fetchpool schema records`).
    mutating func readFields(_ value: JSONValue, in line: Span<UInt8>) throws(JSONSyntaxError) {
        var (isHTTP2, redirects) = (false, 0)
        fields = try readMembers(of: value, "fields", Self.fieldNames, in: line) {
            (message, member) throws(JSONSyntaxError) in
            if line.isName(member, "timing") {
                try message.readTiming(member.value, in: line)
            } else if line.isName(member, "bytes") {
                try message.readBytes(member.value, in: line)
            } else if line.isName(member, "http_version") {
                isHTTP2 = line.isText(member.value, "2")
                guard isHTTP2 || line.isText(member.value, "1.1") || line.isText(member.value, "1.0") else {
                    throw Self.misfit(member.value, "http_version is not \"1.0\", \"1.1\" or \"2\"")
                }
            } else if line.isName(member, "redirects") {
                guard let count = line.integer(of: member.value) else {
                    throw Self.misfit(member.value, "redirects is not a whole number")
                }
                redirects = count
            } else {
                if line.isName(member, "remote_ip") { message.hasPeer = true }
                try Self.checkOther(member, in: line)
            }
        }
        isMultiplexed = isHTTP2 && redirects == 0
    }

    /// Reads the members of an object, and calls `read` for each member that is not `null`.
    ///
    /// Each member must have a name from `names`. The coordinator copies the object into the record, so no
    /// name may occur twice. `owner` is the name of the object in error messages.
    ///
    /// - Returns: The range inside the braces; empty if there are no members, even if there are blanks.
    ///   Copied blanks would leave two commas in the record without a member between them.
    private mutating func readMembers(
        of object: JSONValue,
        _ owner: String,
        _ names: [StaticString],
        in line: Span<UInt8>,
        _ read: (inout Self, JSONMember) throws(JSONSyntaxError) -> Void
    ) throws(JSONSyntaxError) -> Range<Int> {
        guard object.kind == .object else { throw Self.misfit(object, "\(owner) is not an object") }
        var scanner = JSONScanner(at: object.range.lowerBound)
        try scanner.enterObject(in: line)
        let start = scanner.offset
        var seen = 0
        while let member = try scanner.nextMember(in: line) {
            guard let index = names.firstIndex(where: { line.isName(member, $0) }) else {
                throw Self.misfit(member.name, "\(owner) holds an unknown name")
            }
            guard seen & 1 << index == 0 else {
                throw Self.misfit(member.name, "\(owner) holds \(names[index]) twice")
            }
            seen |= 1 << index
            if member.value.kind == .null { needsCopy = true } else { try read(&self, member) }
        }
        return start..<(seen == 0 ? start : scanner.offset - 1)
    }

    static func isRedirect(_ status: Int) -> Bool { 300...399 ~= status }

    private static func misfit(_ value: JSONValue, _ reason: String) -> JSONSyntaxError {
        JSONSyntaxError(reason, at: value.range.lowerBound)
    }

    private static func name(of member: JSONMember, in line: Span<UInt8>) -> String {
        String(decoding: line.mendedText(of: member.name) ?? [], as: UTF8.self)
    }

    /// Checks a member of `fields` whose value is not stored in the message.
    private static func checkOther(_ member: JSONMember, in line: Span<UInt8>) throws(JSONSyntaxError) {
        let value = member.value
        if line.isName(member, "headers") {
            let form = "headers is not an array of objects with name and value"
            try checkObjects(of: value, in: line, mayBeEmpty: true, form) { object throws(JSONSyntaxError) in
                let name = try line.onlyMember("name", of: object)
                let value = try line.onlyMember("value", of: object)
                return name?.kind == .string && value?.kind == .string
            }
        } else if line.isName(member, "redirect_chain") {
            let form = "redirect_chain is not an array of objects with url and a status of 300 to 399"
            try checkObjects(of: value, in: line, mayBeEmpty: false, form) { object throws(JSONSyntaxError) in
                let status = try line.onlyMember("status", of: object).flatMap { line.integer(of: $0) }
                guard let status, isRedirect(status) else { return false }
                return try line.onlyMember("url", of: object)?.kind == .string
            }
        } else if line.isName(member, "insecure") {
            guard value.kind == .true else { throw misfit(value, "insecure is not true") }
        } else if value.kind != .string {
            throw misfit(value, "\(name(of: member, in: line)) is not a string")
        }
    }

    /// Checks that a value is an array of objects, and that `isRight` returns true for each object.
    ///
    /// `form` is the text of the error.
    private static func checkObjects(
        of value: JSONValue,
        in line: Span<UInt8>,
        mayBeEmpty: Bool,
        _ form: String,
        _ isRight: (JSONValue) throws(JSONSyntaxError) -> Bool
    ) throws(JSONSyntaxError) {
        guard value.kind == .array else { throw misfit(value, form) }
        var scanner = JSONScanner(at: value.range.lowerBound)
        try scanner.enterArray(in: line)
        var isEmpty = true
        while let element = try scanner.nextElement(in: line) {
            guard element.kind == .object, try isRight(element) else { throw misfit(element, form) }
            isEmpty = false
        }
        guard mayBeEmpty || !isEmpty else { throw misfit(value, form) }
    }

    /// Reads `timing`, to which the coordinator adds a member.
    private mutating func readTiming(_ value: JSONValue, in line: Span<UInt8>) throws(JSONSyntaxError) {
        timing = value.range
        // `process_ms` is not in the list, because the coordinator writes this member itself.
        let names: [StaticString] = ["total_ms", "dns_ms", "connect_ms", "tls_ms", "ttfb_ms"]
        _ = try readMembers(of: value, "timing", names, in: line) {
            (message, member) throws(JSONSyntaxError) in
            guard let time = line.magnitude(of: member.value) else {
                let name = Self.name(of: member, in: line)
                throw Self.misfit(member.value, "timing.\(name) is not a number of 0 or more")
            }
            if line.isName(member, "total_ms") {
                message.totalMilliseconds = time
            } else if line.isName(member, "dns_ms") {
                message.lookupMilliseconds = time
            } else if line.isName(member, "connect_ms") {
                message.hasConnected = true
            }
        }
    }

    private mutating func readBytes(_ value: JSONValue, in line: Span<UInt8>) throws(JSONSyntaxError) {
        _ = try readMembers(of: value, "bytes", ["body", "wire"], in: line) {
            (message, member) throws(JSONSyntaxError) in
            guard let size = line.integer(of: member.value) else {
                let name = Self.name(of: member, in: line)
                throw Self.misfit(member.value, "bytes.\(name) is not a whole number")
            }
            if line.isName(member, "body") { message.bodyBytes = size } else { message.wireBytes = size }
        }
    }
}

extension Span<UInt8> {
    /// Returns the value of a member of an object; `nil` if the name is missing or occurs twice.
    fileprivate func onlyMember(
        _ name: StaticString,
        of object: JSONValue
    ) throws(JSONSyntaxError) -> JSONValue? {
        var scanner = JSONScanner(at: object.range.lowerBound)
        var found: JSONValue?
        try scanner.enterObject(in: self)
        while let member = try scanner.nextMember(in: self) {
            guard isName(member, name) else { continue }
            guard found == nil else { return nil }
            found = member.value
        }
        return found
    }
}
