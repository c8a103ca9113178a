// SPDX-License-Identifier: MIT
// fetchpool

/// What the command line says.
struct ServerOptions {
    /// A command line that is not understood, in one sentence.
    struct UsageError: Error {
        let message: String
    }

    /// 0: the system chooses.
    var port: UInt16 = 0
    /// The delay of every answer, in nanoseconds.
    var latency: UInt64 = 0
    var stays = false
    var wantsHelp = false

    static let help = """
        usage: fixture-server [--port N] [--latency MS] [--stay]

        A loopback HTTP/1.1 server that behaves and misbehaves on request. It prints the line
        "listening on http://127.0.0.1:PORT" and serves until SIGTERM, SIGINT or the end of its
        standard input.

          --port N      listen on this port; otherwise the system chooses one
          --latency MS  delay every answer by so many milliseconds, decimals allowed
          --stay        go on at the end of standard input; a terminal is never waited for
          --help        print this help

        paths:
          /get  /bytes/N  /status/N  /redirect/N  /redirect/loop  /echo
          /page/N  /task/WHAT[/KEY]  /text/latin1  /text/meta-latin1  /text/utf16
          /gzip  /bomb[/MIB]
          /delay/MS  /drip[/N[/MS]]  /hang
          /flaky/K[/KEY]  /flaky-reset/K[/KEY]
          /reset  /empty  /garbage  /truncate  /endless  /close-after-reuse
          /stats  /log  /reset-stats

        """

    /// Reads the arguments, without the program's name.
    init(_ arguments: [String]) throws(UsageError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let given = parts.count > 1 ? String(parts[1]) : nil
            switch String(parts[0]) {
            case "--port":
                guard let value = given ?? rest.popFirst(), let port = UInt16(value) else {
                    throw UsageError(message: "--port needs a number from 0 to 65535.")
                }
                self.port = port
            case "--latency":
                guard let value = given ?? rest.popFirst(), let latency = Double(value),
                    (0...86_400_000).contains(latency)
                else { throw UsageError(message: "--latency needs milliseconds, such as 17 or 0.5.") }
                self.latency = UInt64(latency * 1_000_000)
            case "--stay" where given == nil: stays = true
            case "--help" where given == nil, "-h" where given == nil: wantsHelp = true
            default:
                throw UsageError(
                    message: "\(argument) is no option of fixture-server; see fixture-server --help."
                )
            }
        }
    }
}
