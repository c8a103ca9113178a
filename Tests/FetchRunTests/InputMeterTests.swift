// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import TestFolders
import Testing

@testable import FetchRun

@Suite struct InputMeterTests {
    @Test func theShareCountsTheBytesOfAllFilesAfterTheirFirstPositions() throws {
        let folder = TestFolder()
        let paths = [
            try folder.write(String(repeating: "x", count: 100), to: "a"),
            try folder.write(String(repeating: "y", count: 300), to: "b"),
        ]
        let descriptors = paths.map { unsafe open($0, O_RDONLY | O_CLOEXEC) }
        defer { for descriptor in descriptors { close(descriptor) } }
        lseek(descriptors[1], 100, SEEK_SET)
        let meter = InputMeter(descriptors)
        func share(_ index: Int, at offset: Int) -> Double? {
            lseek(descriptors[index], offset, SEEK_SET)
            return meter.share(at: meter.position(in: descriptors[index]))
        }
        meter.begin(descriptors[0])
        #expect(share(0, at: 0) == 0)
        #expect(share(0, at: 100) == 1.0 / 3)
        meter.end(descriptors[0])
        meter.begin(descriptors[1])
        #expect(share(1, at: 100) == 1.0 / 3)
        #expect(share(1, at: 200) == 2.0 / 3)
        #expect(share(1, at: 900) == 1)
    }

    @Test func theShareOfAPipeIsNotKnown() throws {
        var ends: [Int32] = [0, 0]
        try #require(unsafe pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let meter = InputMeter([ends[0]])
        meter.begin(ends[0])
        meter.end(ends[0])
        #expect(meter.share(at: meter.position(in: ends[0])) == nil)
        #expect(InputMeter([]).share(at: 0) == nil)
    }
}
