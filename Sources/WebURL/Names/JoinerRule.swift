// SPDX-License-Identifier: MIT
// fetchpool

/// The rule for the places of zero-width joiners and non-joiners (RFC 5892, appendices A.1 and A.2).
enum JoinerRule {
    /// Returns true if the joiner or non-joiner at the index `place` of a label is allowed.
    static func allows(_ label: [UInt32], at place: Int) -> Bool {
        let virama: UInt8 = 9
        if place > 0, NameTables.Properties(of: label[place - 1]).combiningClass == virama { return true }
        guard label[place] == 0x200C else { return false }
        let before = label[..<place].last { joining($0) != .transparent }
        let after = label[(place + 1)...].first { joining($0) != .transparent }
        guard let before, let after else { return false }
        return (joining(before) == .left || joining(before) == .dual)
            && (joining(after) == .right || joining(after) == .dual)
    }

    private static func joining(_ point: UInt32) -> NameTables.Joining {
        NameTables.Properties(of: point).joining
    }
}
