// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import TestPrograms
import TestThreads
import Testing

/// Tests of names such as `/dev/stdin` for descriptors that open(2) cannot open again, and of a reader that
/// closes its connection.
@Suite(.ownThread)
struct NamedDescriptorTests {
    /// A kind of standard input and output.
    enum Streams: String, CaseIterable {
        /// One socket for input and output; systemd can start a service with such a socket.
        case socket
        /// Two pipes that the user of the test has no permission to open by name.
        case foreignPipes
    }

    /// A script that runs a program with one socket as its standard input and output.
    private static let socket = """
        import os, socket, sys

        ours, theirs = socket.socketpair()
        if os.fork() == 0:
            ours.close()
            for number in 0, 1: os.dup2(theirs.fileno(), number)
            os.execv(sys.argv[1], sys.argv[1:])
        theirs.close()
        ours.sendall(sys.stdin.buffer.read())
        ours.shutdown(socket.SHUT_WR)
        while data := ours.recv(65536): sys.stdout.buffer.write(data)
        sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))

        """

    /// A script that removes all permissions of its standard input and output, and then runs a program.
    private static let foreignPipes = """
        import os, sys

        for number in 0, 1: os.fchmod(number, 0)
        os.execv(sys.argv[1], sys.argv[1:])

        """

    private func run(
        _ streams: Streams,
        _ arguments: [String],
        input: String
    ) throws -> RunningProgram.Finished {
        let script = streams == .socket ? Self.socket : Self.foreignPipes
        let words = ["/usr/bin/python3", "-c", script, BuiltPrograms.path("fetchpool")] + arguments
        guard streams == .foreignPipes, geteuid() == 0 else {
            return try RunningProgram.run(words[0], Array(words.dropFirst()), input: input)
        }
        // With these capabilities, root could open the pipes by name.
        let lost = "-dac_override,-dac_read_search"
        let drop = ["--bounding-set", lost, "--inh-caps", lost]
        return try RunningProgram.run("/usr/bin/setpriv", drop + words, input: input)
    }

    @Test(arguments: Streams.allCases)
    func tasksAndRecordsMayGoThroughNamedDescriptors(streams: Streams) throws {
        let arguments = ["-q", "-i", "/dev/stdin", "-o", "/dev/stdout"]
        let finished = try run(streams, arguments, input: "data:,a\ndata:,b\n")
        #expect(finished.errors == "" && finished.end == .status(0))
        #expect(try finished.records.outcomes == ["ok": 2])
    }

    /// The reader closes its connection before it has read all bytes, so the next write of the program fails
    /// with ECONNRESET.
    @Test(arguments: ["fetchpool", "fetchpool-fetch"])
    func aReaderThatClosesItsConnectionEndsTheRunQuietly(program: String) throws {
        let script = """
            import socket, subprocess, sys, time

            listener = socket.create_server(("127.0.0.1", 0))
            reader = socket.create_connection(listener.getsockname())
            writer = listener.accept()[0]
            child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=writer)
            writer.close()
            child.stdin.write(b"data:,a\\n" * 1000)
            child.stdin.flush()
            reader.recv(10)
            time.sleep(0.2)
            reader.close()
            try:
                while child.poll() is None:
                    child.stdin.write(b"data:,a\\n" * 100)
                    child.stdin.flush()
                    time.sleep(0.01)
            except BrokenPipeError:
                pass
            sys.exit(child.wait())
            """
        let quiet = program == "fetchpool" ? ["-q"] : []
        let arguments = ["-c", script, BuiltPrograms.path(program)] + quiet
        let finished = try RunningProgram.run("/usr/bin/python3", arguments)
        #expect(finished.errors == "" && finished.end == .status(141))
    }

    @Test(arguments: Streams.allCases)
    func theReportMayGoThroughNamedDescriptors(streams: Streams) throws {
        let records = try RunningProgram.run("fetchpool", ["-q", "data:,a"]).output
        let arguments = ["report", "/dev/stdin", "-o", "/dev/stdout"]
        let finished = try run(streams, arguments, input: records)
        #expect(finished.errors == "" && finished.end == .status(0))
        #expect(finished.output.contains("</html>"))
    }

    @Test(arguments: Streams.allCases)
    func anOptionMayReadANamedDescriptor(streams: Streams) throws {
        let arguments = ["-q", "--netrc", "/dev/fd/0", "data:,a"]
        let finished = try run(streams, arguments, input: "machine a.example login b password c\n")
        #expect(finished.errors == "" && finished.end == .status(0))
        #expect(try finished.records.outcomes == ["ok": 1])
    }
}
