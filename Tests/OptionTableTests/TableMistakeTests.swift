// SPDX-License-Identifier: MIT
// fetchpool

import OptionTable
import TestThreads
import Testing

@Suite(.ownThread) struct TableMistakeTests {
    @Test func twoRowsWithTheSameNameStopTheProcess() async {
        await #expect(processExitsWith: .failure) {
            describe(OptionSection(nil, flag("-a")), OptionSection(nil, flag("-b", "-a")))
        }
    }

    @Test func aSecondRowForHelpStopsTheProcess() async {
        await #expect(processExitsWith: .failure) { describe(OptionSection(nil, flag("--help"))) }
    }

    @Test(arguments: ["-long", "bare", "-", "--", "--a=b", ""])
    func anInvalidNameStopsTheProcess(name: String) async {
        await #expect(processExitsWith: .failure) { [name] in
            describe(OptionSection(nil, flag("-a", name)))
        }
    }

    @Test func aSecondRowOfOperandsStopsTheProcess() async {
        await #expect(processExitsWith: .failure) {
            describe(
                OptionSection(
                    nil,
                    .operands(as: "A", appendTo: \.urls, help: ""),
                    .operands(as: "B", appendTo: \.inputs, help: "")
                )
            )
        }
    }

    @Test func aCorrectTableDoesNotStopTheProcess() async {
        await #expect(processExitsWith: .success) { describe(OptionSection(nil, flag("-a", "--all"))) }
    }
}

private func flag(_ names: String...) -> OptionRow<Sample> {
    switch names.count {
    case 1: .flag(names[0], sets: \.isOrdered, help: "")
    default: .flag(names[0], names[1], sets: \.isOrdered, help: "")
    }
}

private func describe(_ first: OptionSection<Sample>, _ second: OptionSection<Sample> = OptionSection()) {
    _ = OptionTable("t", version: "1", summary: "", sections: first, second)
}
