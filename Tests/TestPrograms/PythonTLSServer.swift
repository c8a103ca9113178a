// SPDX-License-Identifier: MIT
// fetchpool

/// The common part of TLS servers in Python, for tests that decide about each frame of HTTP/2.
package enum PythonTLSServer {
    /// The beginning of a script whose first two arguments are the files of a certificate and its key.
    ///
    /// The script then defines `serve(connection, number)`, and calls `listen`.
    package static let prelude = #"""
        import socket, ssl, struct, sys, threading, time

        def frame(kind, flags, stream, payload=b""):
            head = struct.pack(">I", len(payload))[1:] + bytes([kind, flags])
            return head + struct.pack(">I", stream) + payload

        def frames(connection, file):
            """The frames of a client of HTTP/2, whose settings are acknowledged."""
            file.read(24)
            connection.sendall(frame(4, 0, 0))
            while head := file.read(9):
                kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
                payload = file.read(int.from_bytes(head[:3], "big"))
                if kind == 4 and not flags & 1:
                    connection.sendall(frame(4, 1, 0))
                yield kind, flags, stream, payload

        def listen(serve, protocols=lambda number: ["h2"]):
            """Prints a port, and serves each connection on a thread; `number` counts the connections from 0."""
            def accept(connection, number):
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(sys.argv[1], sys.argv[2])
                context.set_alpn_protocols(protocols(number))
                try:
                    serve(context.wrap_socket(connection, server_side=True), number)
                except OSError:
                    # The client has closed the connection.
                    pass

            listener = socket.create_server(("127.0.0.1", 0), backlog=100)
            print(listener.getsockname()[1], flush=True)
            number = 0
            while True:
                threading.Thread(target=accept, args=(listener.accept()[0], number), daemon=True).start()
                number += 1

        """#
}
