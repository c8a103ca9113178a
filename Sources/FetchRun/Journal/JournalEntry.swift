// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// The part of a record that a journal stores, in eight bytes: the outcome, the class of the error, and a
/// hash of the URL.
struct JournalEntry: Hashable, Sendable {
    /// The entry as one number.
    ///
    /// Bits 0 to 4 hold the number of the outcome, from 1. Bits 5, 6 and 7 are `isCorrected`, `isConfirmed`
    /// and `isReplaced`. Bits 8 to 15 hold the number of the error's class, from 1, or 0 for none. Bits 16 to
    /// 63 hold the upper bits of the URL's hash, or 0 for a record without a URL.
    let bits: UInt64

    /// Creates an entry; `url` is the hash of the URL, or `nil` if the record has none.
    init(_ outcome: Outcome, _ error: ErrorClass?, url: UInt64?) {
        let number = Outcome.allCases.firstIndex(of: outcome) ?? 0
        let error = error.flatMap { ErrorClass.allCases.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
        bits = UInt64(number + 1) | UInt64(error) << 8 | Self.upper(url)
    }

    /// Creates the entry of a record that is `ok`; `url` is the hash of its URL.
    init(okWith url: UInt64) { bits = Self.ok | Self.upper(url) }

    /// Creates an entry from its bits, which must not be 0.
    init(bits: UInt64) { self.bits = bits }

    private static let ok = UInt64((Outcome.allCases.firstIndex(of: .ok) ?? 0) + 1)

    /// Returns the upper bits of a URL's hash at their place in `bits`; 0 only if there is no URL.
    private static func upper(_ url: UInt64?) -> UInt64 {
        guard let url else { return 0 }
        return max(url >> 16, 1) << 16
    }

    /// The upper bits of the URL's hash; 0 for a record without a URL.
    var urlBits: UInt64 { bits >> 16 }

    /// The outcome of the record.
    var outcome: Outcome { Outcome.allCases[Int(bits & 0x1F) - 1] }

    /// True if this run does the task again, so that a new record will replace this record.
    var isReplaced: Bool { bits & 0x80 != 0 }

    /// The same entry with `isReplaced`.
    var replaced: JournalEntry { JournalEntry(bits: bits | 0x80) }

    /// True if the record of an invalid line no longer counts: the line now has an id of its own, or a valid
    /// task has the record's id.
    var isCorrected: Bool { bits & 0x20 != 0 }

    /// The same entry with `isCorrected`.
    var corrected: JournalEntry { JournalEntry(bits: bits | 0x20) }

    /// True for the record of an invalid line that the input still has.
    var isConfirmed: Bool { bits & 0x40 != 0 }

    /// The same entry with `isConfirmed`, and without `isCorrected`.
    var confirmed: JournalEntry { JournalEntry(bits: bits & ~0x20 | 0x40) }

    /// A number for the outcome and the class of the error, never 0.
    ///
    /// A task or line whose new record replaces this record stores the mark (`replacedRecord`).
    var mark: UInt16 { UInt16(bits & 0xFF1F) }

    /// Creates an entry with the outcome and the error class of a mark, and without a URL; `nil` for 0.
    init?(mark: UInt16) {
        guard mark != 0 else { return nil }
        self.init(bits: UInt64(mark))
    }

    /// The class of the record's error; `nil` if the record has no error.
    var errorClass: ErrorClass? {
        let number = Int(bits >> 8 & 0xFF)
        return number == 0 ? nil : ErrorClass.allCases[number - 1]
    }

    /// Returns true if the record has a URL whose hash differs from the hash `url` in the upper 48 bits.
    func hasOtherURL(than url: UInt64) -> Bool {
        bits >> 16 != 0 && bits & ~0xFFFF != Self.upper(url)
    }
}
