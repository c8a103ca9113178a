// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of hosts with several addresses, some of which are dead.
@Suite(.ownThread)
struct AddressesTests {
    /// Nothing responds at the dead addresses; `dead` holds the last byte of each.
    ///
    /// libcurl 7.88 gives half of the remaining connect time-out to each address except the last. But libcurl
    /// sets no timer for the attempt at the next address, so the client must make libcurl check all transfers
    /// (`MultiLoop.lookAtAll`).
    @Test(arguments: [[UInt8(2)], [2, 3]])
    func addressesAfterDeadAddressesAreTried(dead: [UInt8]) throws {
        let server = try ScriptedServer { _, peer in
            peer.respond()
            return .keep
        }
        let ports = try dead.map { try LoopbackPort.unreachable(server.port, host: $0) }
        let addresses = (dead + [1]).map { IPAddress.v4(0x7F00_0000 | UInt32($0)) }
        var guards = ClientGuards()
        guards.lookUp = { _ in .addresses(addresses) }
        var settings = FetchSettings()
        settings.connectTimeout = .seconds(4)
        let result = try server.fetch(
            #"{"url":"http://several.test:\#(server.port)/"}"#,
            settings,
            guards: guards
        )
        #expect(result.error == nil, "\(result.error?.message ?? "")")
        #expect(result.remoteIP == "127.0.0.1")
        withExtendedLifetime(ports) {}
    }
}
