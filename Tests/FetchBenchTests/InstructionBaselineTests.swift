// SPDX-License-Identifier: MIT
// fetchpool

import LoopbackFixture
import Testing

@testable import FetchBench

/// Tests the comparison of instructions per task with the baseline.
struct InstructionBaselineTests {
    @Test(arguments: [
        (1_000.0, InstructionBaseline.Judgement.asExpected), (1_100, .asExpected), (1_101, .tooMany),
        (900, .asExpected), (899, .fewer),
    ])
    func differenceOfTenPercentIsAccepted(_ measured: Double, _ judgement: InstructionBaseline.Judgement) {
        #expect(InstructionBaseline(["wire": 1_000]).judge("wire", measured) == judgement)
    }

    @Test func writtenFileIsReadUnchanged() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let file = folder.path + "/baseline.json"
        let baseline = InstructionBaseline(["wire": 1_234.4, "state": 9])
        try baseline.write(to: file)
        #expect(try InstructionBaseline(file: file) == baseline)
        #expect(baseline.instructions["wire"] == 1_234)
        #expect(throws: BenchError.self) { try InstructionBaseline(file: folder.path + "/none") }
    }

    @Test(arguments: [
        ("events: Ir\nfn=(1)\n12 5\ntotals: 123456\n", 123_456), ("events: Ir\nsummary: 77\n", 77),
        ("events: Ir\n", nil),
    ])
    func totalIsFoundInACallgrindFile(_ text: String, _ total: Int?) {
        #expect(InstructionCount.total(in: text) == total)
    }
}
