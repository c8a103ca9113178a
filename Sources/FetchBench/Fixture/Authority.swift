// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import LoopbackFixture

/// A certificate authority of a benchmark, with one server certificate for a domain.
///
/// The server certificate is also valid for names with one more label, such as `a.bench.test` for
/// `bench.test`.
struct Authority {
    /// The certificate of the authority, in PEM.
    let certificate: Data
    /// The paths of two files in PEM.
    ///
    /// The first has the server's certificate, followed by the authority's; the second has the server's key.
    let (serverCertificate, serverKey): (String, String)

    /// Makes the authority and the server's certificate with openssl(1); the keys are P-256, as on many
    /// servers.
    ///
    /// - Throws: `BenchError` if openssl is missing, fails or takes longer than 30 s, or if this program was
    ///   interrupted.
    init(domain: String, folder: TemporaryFolder) throws {
        let script = """
            set -e
            cd "$1"
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=fetchpool bench' \
                -keyout authority.key -out authority.crt
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" \
                -keyout server.key -out server.csr
            printf 'subjectAltName=DNS:%s,DNS:*.%s\\n' "$2" "$2" >server.names
            openssl x509 -req -in server.csr -CA authority.crt -CAkey authority.key -CAcreateserial -days 2 \
                -extfile server.names -out server.crt
            cat server.crt authority.crt >chain.crt
            """
        let run = try ProgramRun.run(
            Command("sh", ["-c", script, "sh", folder.path, domain]),
            in: folder.path,
            limit: 30
        )
        guard run.status == 0, let file = FileManager.default.contents(atPath: folder.path + "/authority.crt")
        else { throw BenchError("openssl made no certificate; install openssl to measure HTTPS") }
        certificate = file
        (serverCertificate, serverKey) = (folder.path + "/chain.crt", folder.path + "/server.key")
    }
}
