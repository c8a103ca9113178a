// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire
import Testing

@Suite struct RecordFieldsTests {
    private let record =
        #"{"v":1,"id":"x\u0041","url":"http://h/a","outcome":"ok","status":200,"bytes":{"wire":1,"body":2},"#
        + #""re\u0073ult":{"status":1,"a":[1, {}]},"meta":[1, 2]}"#

    private func chosen(_ names: [String]) -> String {
        String(decoding: RecordFields(names).chosen(from: Array((record + "\n").utf8)), as: UTF8.self)
    }

    @Test func aRecordKeepsTheOrderOfItsMembersAndTheirText() {
        let head = #"{"v":1,"id":"x\u0041","url":"http://h/a","outcome":"ok""#
        #expect(chosen([]) == head + "}\n")
        #expect(chosen(["meta", "status"]) == head + #","status":200,"meta":[1, 2]}"# + "\n")
        #expect(chosen(["result"]) == head + #","re\u0073ult":{"status":1,"a":[1, {}]}}"# + "\n")
        #expect(chosen(RecordFields.names) == record + "\n")
    }

    @Test func theMethodIsKeptEvenIfNoFieldIsChosen() {
        let post = Array(
            (#"{"v":1,"id":1,"url":"http://h/","method":"POST","outcome":"ok","status":200}"# + "\n").utf8
        )
        let chosen = RecordFields([]).chosen(from: post)
        #expect(
            String(decoding: chosen, as: UTF8.self)
                == #"{"v":1,"id":1,"url":"http://h/","method":"POST","outcome":"ok"}"# + "\n"
        )
    }

    @Test(
        arguments: [
            (
                "a=b; Path=/; Secure;HttpOnly ; SameSite=Lax;",
                "a=[removed]; Path=/; Secure;HttpOnly ; SameSite=Lax;"
            ),
            (
                "a=b; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
                "a=[removed]; Expires=Wed, 21 Oct 2026 07:28:00 GMT"
            ),
            ("a=\"b;c\"; Path=/", "a=[removed];[removed]; Path=/"),
            ("a=b; Path=/, c=d; Secure", "a=[removed];[removed]; Secure"),
            ("a=b; Expires=Wed, 21 Oct 2026 07:28:00 GMT, c=d", "a=[removed];[removed]"),
            ("a=b, c=d; e=f", "a=[removed];[removed]"), (";b", "[removed];[removed]"),
            (";=b", "[removed];[removed]"),
        ]
    )
    func theValueOfACookieIsRemoved(value: String, expected: String) throws {
        for name in ["set-cookie", "set-cookie2", "set-cookie ", "set-cookie\t"] {
            var writer = JSONWriter()
            writer.beginObject()
            writer.recordHeaders([HeaderField(name: name, value: value)])
            writer.endObject()
            let text = String(decoding: writer.take(), as: UTF8.self)
            #expect(text.hasSuffix(#""value":"\#(expected)"}]}"#), "\(text)")
        }
    }

    @Test func headersAreObjectsWithoutTheValuesOfCookies() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.recordHeaders([
            HeaderField(name: "x", value: "\"1\""), HeaderField(name: "set-cookie", value: "a=b=c; Path=/"),
            HeaderField(name: "set-cookie", value: "secret"), HeaderField(name: "x", value: ""),
            HeaderField(name: "set-cookie2", value: "a=\"b\";Version=1"),
        ])
        writer.endObject()
        #expect(
            String(decoding: writer.take(), as: UTF8.self)
                == #"{"headers":[{"name":"x","value":"\"1\""},{"name":"set-cookie","value":"a=[removed]; Path=/"},"#
                + #"{"name":"set-cookie","value":"[removed]"},{"name":"x","value":""},"#
                + #"{"name":"set-cookie2","value":"a=[removed];Version=1"}]}"#
        )
    }
}
