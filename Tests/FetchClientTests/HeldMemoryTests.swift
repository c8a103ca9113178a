// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Testing

/// Tests of the table of memory blocks that libcurl must not free yet.
struct HeldMemoryTests {
    /// Returns the address of a block that does not exist; all these addresses have the same bucket.
    private func block(_ number: Int) -> UnsafeMutableRawPointer? {
        unsafe UnsafeMutableRawPointer(bitPattern: number << 28)
    }

    /// If a block cannot be held, the transfer must not use its easy handle again.
    @Test func aBlockForWhichThereIsNoRoomIsNotHeld() {
        defer { for number in 1...9 { unsafe clinux_release(block(number)) } }
        let results = (1...9).map { unsafe clinux_hold(block($0)) }
        #expect(results.contains(0))
        #expect(results.last == -1)
    }
}
