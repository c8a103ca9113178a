// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of file names, URLs, words of commands, and environment variables that are not UTF-8.
@Suite(.ownThread)
struct ByteNamesTests {
    private let folder: TestFolder

    init() throws { folder = TestFolder() }

    /// Runs a script in the test's folder; `$0` is fetchpool, and `$e` is a byte that is not UTF-8.
    private func shell(_ script: String) throws -> RunningProgram.Finished {
        let program = BuiltPrograms.path("fetchpool")
        let start = "cd '\(folder.path)'; e=$(printf '\\351'); "
        return try RunningProgram.run("/bin/sh", ["-c", start + script, program])
    }

    /// The bytes of file names are not changed: the shell finds the files by the names that it gave.
    @Test func namedFilesAreUsed() throws {
        let script = #"""
            echo data:,in >"in$e"
            "$0" -q -i "in$e" -o "out$e" --stats "stats$e" || exit
            cat "out$e"
            test -s "stats$e" && ls | wc -l
            """#
        let finished = try shell(script)
        #expect(finished.end == .status(0))
        #expect(finished.lines.count == 2)
        #expect(finished.lines.first?.contains("data:,in") == true)
        #expect(finished.lines.last == "3")
    }

    @Test func theFolderOfCrashDirHasTheGivenName() throws {
        let script = #"""
            "$0" -q --crash-dir "crash$e" --crash-retries 0 -p text data:,x
            test -d "crash$e" && ls | wc -l
            """#
        #expect(try shell(script).lines.last == "1")
    }

    /// A worker whose result is its arguments and the variable `E1`, in hexadecimal digits.
    private static let worker = """
        import json, os, sys

        print(json.dumps({"t": "hello", "v": 1}), flush=True)
        for line in sys.stdin:
            task = json.loads(line)
            if task["t"] == "task":
                words = [os.fsencode(word).hex() for word in sys.argv[1:]]
                result = {"words": words, "variable": os.environb.get(b"E1", b"").hex()}
                print(json.dumps({"seq": task["seq"], "result": result}), flush=True)

        """

    @Test(arguments: ["-x", "--worker"])
    func wordsAndVariablesReachWorkersUnchanged(option: String) throws {
        try folder.write(Self.worker, to: "worker.py")
        // The second word is U+10FFE9 in UTF-8. In a String of fetchpool, this character represents the byte
        // E9 of a word that is not UTF-8.
        let script = #"""
            w=$(printf '\364\217\277\251')
            E1="a$e" "$0" -q \#(option) "python3 worker.py caf$e '$w' plain" data:,x
            """#
        let record = try #require(try shell(script).records.first)
        #expect(record.result["words"] as? [String] == ["636166e9", "f48fbfa9", "706c61696e"])
        #expect(record.result["variable"] as? String == "61e9")
    }

    @Test func aProgramWhoseNameIsNotUTF8IsFound() throws {
        let worker = "#!/usr/bin/python3\n" + Self.worker
        try folder.write(worker, to: "worker.py")
        let script = #"""
            mkdir "bin$e" && cp worker.py "bin$e/parse$e" && chmod +x "bin$e/parse$e"
            PATH="$PATH:$PWD/bin$e" "$0" -q -x "parse$e" data:,x
            """#
        #expect(try shell(script).records.outcomes == ["ok": 1])
    }

    @Test(arguments: ["--spool", "--cacert", "--header", "--user-agent"])
    func valuesThatWorkersGetAsJSONMustBeUTF8(option: String) throws {
        let finished = try shell(#"mkdir "x$e"; "$0" \#(option) "x$e: 1" data:,x"#)
        #expect(finished.end == .status(2))
        // A header field may hold a password, so the message does not show the value of `--header`.
        let shown = option == "--header" ? "the value" : "'x\u{FFFD}: 1'"
        let sentence = "fetchpool: \(option): \(shown) is not valid UTF-8, which workers need\n"
        #expect(finished.errors == sentence)
    }

    @Test func aURLThatIsNotUTF8IsInvalid() throws {
        let records = try shell(#""$0" -q "http://h/$e" data:,x"#).records
        #expect(records.outcomes == ["invalid": 1, "ok": 1])
    }

    @Test func fetchpoolFetchRefusesWordsThatAreNotUTF8() throws {
        let finished = try shell(#""${0}-fetch" --user-agent "a$e""#)
        #expect(finished.end == .status(2))
        #expect(finished.errors.contains("is not valid UTF-8"))
    }
}
