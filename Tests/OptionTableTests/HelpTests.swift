// SPDX-License-Identifier: MIT
// fetchpool

import OptionTable
import Testing

@Suite struct HelpTests {
    @Test func helpIsLaidOutInColumns() {
        let expected = """
            Shows every kind of row.

            usage: sample [options] [URL …]

            Input and output:
              URL …                       what to take
              -i, --input FILE            lines (default: stdin)
              -o, --output FILE           records
                  --ordered               records in input order
                  --progress auto|on|off  a line (default: auto)

            Work:
              -w, --workers N             worker processes that do the work, and this text
                                          goes on until it must be wrapped (default: usable
                                          cores)
                  --worker COMMAND        in its place
              -x, --exec COMMAND          your own worker
                  --offset N              any number
                  --limit N               stop after N
                  --retry-status LIST     statuses
                  --timeout DURATION      one fetch
                  --max-body SIZE         bytes
                  --rate N/s              requests
                  --private-addresses auto|on|off
                                          a wide row

              -q, --quiet                 say less
              -v                          say more
              -h, --help                  print this help
                  --version               print the version
            """
        #expect(Sample.table.helpText == expected)
    }

    @Test func noLineIsWiderThan80Columns() {
        for line in Sample.table.helpText.split(separator: "\n") {
            #expect(line.count <= 80)
        }
    }

    @Test func rowsAreAvailableAsData() {
        let rows = Sample.table.helpRows
        #expect(rows.count == 19)
        #expect(rows.map(\.spelling).prefix(2) == ["URL …", "-i, --input FILE"])
        #expect(rows[1].section == "Input and output")
        #expect(rows[1].shownDefault == "stdin")
        #expect(rows[1].help == "lines")
        #expect(rows.last?.spelling == "--version")
        #expect(rows.last?.section == nil)
    }

    @Test func aTableWithoutRowsHasHelp() {
        let table = OptionTable<Sample>("bare", version: "1", summary: "Takes nothing.")
        #expect(
            table.helpText == """
                Takes nothing.

                usage: bare [options]

                  -h, --help     print this help
                      --version  print the version
                """
        )
    }
}
