// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The entry point: parses the options, and runs the web server or the name server.
@main
enum Program {
    static func main() {
        ProcessSetup.fillStandardDescriptors()
        do {
            let options = try ServerOptions(Array(CommandLine.arguments.dropFirst()))
            if options.wantsHelp { return ProcessSetup.write(ServerOptions.help, to: 1) }
            try options.isNameServer ? serveNames(options) : serve(options)
        } catch let error as ServerOptions.UsageError {
            leave(error.message, status: 2)
        } catch let error as SystemFailure {
            leave("cannot \(error.action): \(error.reason).", status: 1)
        } catch {
            leave("stopped by an error: \(error).", status: 1)
        }
    }

    private static func serve(_ options: ServerOptions) throws {
        ProcessSetup.raiseDescriptorLimit()
        let (listeners, port) = try Socket.listen(options.addresses, port: options.port)
        let site = Site(files: options.files)
        let server = try Server(listeners: listeners, latency: options.latency, site: site)
        if !options.stays && isatty(0) == 0 { try watchInput(server) }
        ProcessSetup.write("listening on \(name(options.addresses[0], port))\n", to: 1)
        server.run()
    }

    private static func serveNames(_ options: ServerOptions) throws(SystemFailure) {
        let address = options.addresses[0]
        var server = try NameServer(address: address, port: options.port, latency: options.latency)
        ProcessSetup.write("resolving names on \(address):\(server.port)\n", to: 1)
        server.run(watchesInput: !options.stays && isatty(0) == 0)
    }

    private static func name(_ address: String, _ port: UInt16) -> String {
        if address.hasPrefix("unix:") { return address }
        return "http://\(address.contains(":") ? "[\(address)]" : address):\(port)"
    }

    private static func watchInput(_ server: Server) throws(SystemFailure) {
        do {
            try server.watchInput()
        } catch {
            // epoll accepts neither regular files nor `/dev/null` (EPERM, epoll_ctl(2)). With such an input,
            // the server ends at once, because it cannot wait for the end of the input.
            guard error.code == EPERM else { throw error }
            leave("standard input is a file, not a pipe that a parent holds open; give --stay.", status: 1)
        }
    }

    private static func leave(_ message: String, status: Int32) -> Never {
        ProcessSetup.write("fixture-server: \(message)\n", to: 2)
        exit(status)
    }
}
