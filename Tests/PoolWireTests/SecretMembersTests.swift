// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import Testing

@Suite struct SecretMembersTests {
    @Test(
        arguments: [
            (#"{"t":"beat","cookies":["a"#, #"{"t":"beat","#), (#"x"cookies""#, "x"),
            (#"{"t":"init","config":{"logins":[]"#, #"{"t":"init","config":{"#),
            (#"{"config":{"proxy":"http://a:b@c"#, #"{"config":{"#),
            (#"{"t":"init","config":{"headers":[]"#, #"{"t":"init","config":{"#),
            (#"{"t":"task","task":{"url":"u","headers":"#, #"{"t":"task","task":{"url":"u","#),
            (#"{"t":"task","task":{"url":"u","body":"b"#, #"{"t":"task","task":{"url":"u","#),
            (#"{"t":"task","task":{"url":"u","body_base64":"b"#, #"{"t":"task","task":{"url":"u","#),
        ]
    )
    func aLineIsShownUpToItsFirstSecretMember(line: String, shown: String) {
        #expect(SecretMembers.start(in: Array(line.utf8).span) == shown.utf8.count)
    }

    @Test(arguments: [
        "", "\"", #"{"seq":1,"result":{"headers":1,"body":2}}"#, #"{"t":"beat","cookie":1}"#, #""cookies"#,
    ])
    func otherLinesHaveNoSecretMember(line: String) {
        #expect(SecretMembers.start(in: Array(line.utf8).span) == nil)
    }
}
