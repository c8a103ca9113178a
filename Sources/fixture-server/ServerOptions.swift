// SPDX-License-Identifier: MIT
// fetchpool

/// The options of the command line.
struct ServerOptions {
    /// An error in the command line, in one sentence.
    struct UsageError: Error {
        let message: String
    }

    /// The addresses to listen on; 127.0.0.1 if none is given.
    ///
    /// The name server listens only on the first address.
    var addresses: [String] = []
    /// The port; for 0 the system chooses a port.
    var port: UInt16 = 0
    /// The delay of each response to a valid request, in nanoseconds.
    var latency: UInt64 = 0
    /// The folder whose files `/files/NAME` serves, if one is given.
    var files: String?
    /// True if the server continues to run after the end of its standard input.
    var stays = false
    /// True to serve DNS queries instead of HTTP requests.
    var isNameServer = false
    var wantsHelp = false

    static let help = """
        usage: fixture-server [--address A] [--port N] [--latency MS] [--files DIR] [--stay]
                              [--name-server]

        A loopback HTTP/1.1 server with correct and faulty responses. It prints the line
        "listening on http://127.0.0.1:PORT" and serves until SIGTERM, SIGINT or the end of its
        standard input.

          --address A   listen there in place of 127.0.0.1: an IPv4 or IPv6 address, or
                        unix:PATH; repeatable, all on one port
          --port N      listen on this port; otherwise the system chooses one
          --latency MS  delay each response by this many milliseconds, such as 0.5
          --files DIR   serve the files of this folder as /files/NAME, as HTML
          --stay        continue after the end of standard input, as with a terminal
          --name-server  serve DNS over UDP instead, at one IPv4 address: names have addresses
                        in 127.0.0.0/8, but gone… does not exist, and silent… gets no response
          --help        print this help

        paths (each KEY makes a path with its own count; a query does not):
          /get  /bytes/N  /echo  /status/N
          /gzip[/HOW]                         plain, cut, damaged, unknown
          /bomb[/MIB[/dense]]                 MiB of zeros as gzip, at 159:1 or 1032:1
          /page/N  /task/WHAT[/KEY]  /files/NAME  /text/latin1  /text/meta-latin1  /text/utf16
          /redirect/N  /redirect/loop  /redirect-to?url=URL[&status=N]
          /cookie[?url=URL]                   sets a cookie and redirects to URL or /echo
          /delay/MS  /drip[/N[/MS]]  /hang  /slow-headers[/N[/MS]]
          /flaky/K[/KEY]  /flaky-reset/K[/KEY]
          /retry-after/S[/K[/KEY]]            429 with Retry-After, K times or always
          /retry-at/S[/K[/KEY]]               503 with a Retry-After date in S seconds
          /storm[/N[/S[/KEY]]]                each N-th (3rd) is 429 with Retry-After: S (1)
          /reset  /empty  /garbage  /truncate[/head]  /endless  /close-after-reuse
          /headers/N[/BYTES]  /headers/endless  /headers/endless-line
          /chunked-bad[/HOW]                  size, huge, long, cut, unended
          /length-lies[/HOW]                  larger, larger-silent, smaller, two, negative, huge
          /stats  /log  /reset-stats          counts; each request as JSON, times in ms

        """

    /// Parses the arguments, without the program's name.
    init(_ arguments: [String]) throws(UsageError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let given = parts.count > 1 ? String(parts[1]) : nil
            switch String(parts[0]) {
            case "--address":
                guard let value = given ?? rest.popFirst(), SocketAddress(value, port: 0) != nil else {
                    throw UsageError(message: "--address needs an IPv4 or IPv6 address, or unix:PATH.")
                }
                addresses.append(value)
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
            case "--files":
                guard let value = given ?? rest.popFirst(), !value.isEmpty else {
                    throw UsageError(message: "--files needs the path of a folder.")
                }
                files = value
            case "--stay" where given == nil: stays = true
            case "--name-server" where given == nil: isNameServer = true
            case "--help" where given == nil, "-h" where given == nil: wantsHelp = true
            default:
                throw UsageError(
                    message: "\(argument) is no option of fixture-server; see fixture-server --help."
                )
            }
        }
        if addresses.isEmpty { addresses = ["127.0.0.1"] }
    }
}
