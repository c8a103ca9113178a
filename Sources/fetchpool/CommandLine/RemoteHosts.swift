// SPDX-License-Identifier: MIT
// fetchpool

import FetchOptionTable
import Glibc
import OptionTable

/// The machines of `--hosts`; each machine runs a child coordinator.
struct RemoteHosts: Hashable, Sendable {
    /// One machine: a line of the file.
    struct Host: Hashable, Sendable {
        /// The number of workers on the machine; `nil` if the line has no number.
        var workers: Int?
        /// The name for ssh(1), or `:` for this machine.
        var name: String
        /// The path of `fetchpool` on the machine; `nil` if the line has none.
        var program: String?

        /// True for this machine, which needs no ssh.
        var isLocal: Bool { name == ":" }
    }

    /// The machines, in the order of the file; at least one.
    var hosts: [Host]

    /// The allowed numbers of workers on one machine, as for `--workers`.
    private static let workerRange = 1...1_024
    /// The largest number of machines.
    static let mostHosts = 1_024
    private static let maxBytes = 1 << 20

    /// Reads the lines `N HOST`, `N/HOST` or `HOST`; N is the number of workers on the machine.
    ///
    /// A line may have one more word at its end: the path of `fetchpool` on the machine.
    ///
    /// A word that begins with `#` begins a comment. `N/HOST` is the form of GNU parallel (`--sshloginfile`
    /// in parallel(1)).
    ///
    /// - Throws: `UsageError` if a line cannot be used, or if the number of machines is not 1 to `mostHosts`.
    init(reading text: String) throws(UsageError) {
        hosts = []
        // `isNewline` is true also for a CR LF pair, which is one `Character`. Some editors put a byte order
        // mark first.
        let lines = text.drop { $0 == "\u{FEFF}" }.split(
            omittingEmptySubsequences: false,
            whereSeparator: \.isNewline
        )
        for (index, line) in lines.enumerated() {
            let words = line.split { $0 == " " || $0 == "\t" }.prefix { !$0.hasPrefix("#") }.map(String.init)
            guard !words.isEmpty else { continue }
            do throws(UsageError) {
                hosts.append(try Self.host(words))
            } catch {
                throw UsageError("line \(index + 1): \(error)")
            }
        }
        if hosts.isEmpty { throw UsageError("it names no machine; write one 'N HOST' in each line") }
        if hosts.count > Self.mostHosts {
            throw UsageError("it names \(hosts.count) machines, and \(Self.mostHosts) are the most")
        }
    }

    private static func host(_ line: [String]) throws(UsageError) -> Host {
        var words = line[...]
        var workers: Int?
        if words.count > 1, let number = Int(words[0]) {
            workers = number
            words.removeFirst()
        } else if let slash = words[0].firstIndex(of: "/"), let number = Int(words[0][..<slash]) {
            workers = number
            words[0] = String(words[0][words[0].index(after: slash)...])
        }
        if let workers, !workerRange.contains(workers) {
            throw UsageError("\(workers) workers; a machine may have 1 to \(workerRange.upperBound)")
        }
        guard let name = words.popFirst(), isName(name) else {
            throw UsageError(
                "expected 'N HOST' such as '8 example.org', got '\(line.joined(separator: " "))'"
            )
        }
        let program = words.popFirst()
        guard words.isEmpty else {
            throw UsageError("'\(words[words.startIndex])' is one word too many; a line is 'N HOST PROGRAM'")
        }
        if let program, Int(program) != nil || program.contains("=") {
            throw UsageError("'\(program)' is not a program; a line is 'N HOST' or 'N HOST PROGRAM'")
        }
        return Host(workers: workers, name: name, program: program)
    }

    /// Returns true if a name can be used.
    ///
    /// A number, a word that begins with `-` (an option for ssh(1)) and an empty name cannot be used. A name
    /// with a space or a control character (C0, DEL or C1) cannot be used either.
    private static func isName(_ name: String) -> Bool {
        !name.hasPrefix("-") && Int(name) == nil && !name.isEmpty
            && name.unicodeScalars.allSatisfy { $0.value > 0x20 && !(0x7F...0x9F ~= $0.value) }
    }

    /// Reads the file `name`, which has at most 1 MiB of UTF-8.
    ///
    /// - Throws: `UsageError` if the file cannot be read or used.
    static func reading(file name: String) throws(UsageError) -> RemoteHosts {
        let bytes = try NamedFile(name: name, maxBytes: maxBytes).whole()
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw UsageError("the file '\(name)' is not UTF-8")
        }
        do throws(UsageError) {
            return try RemoteHosts(reading: text)
        } catch {
            throw UsageError("the file '\(name)': \(error)")
        }
    }

    // MARK: Commands

    /// The options of ssh(1).
    ///
    /// With these options, ssh asks for no password. It ends if the connection is not made within 15 s, or if
    /// the machine later gives no reply for about 30 s (ssh_config(5)).
    private static let usualOptions = [
        "-T", "-oBatchMode=yes", "-oConnectTimeout=15", "-oServerAliveInterval=15",
        "-oServerAliveCountMax=2",
    ]

    /// Returns the command that connects; `given` is the value of `--ssh`, or `nil` for plain `ssh`.
    ///
    /// If the program is called `ssh`, `usualOptions` come after the given words, because ssh uses the first
    /// value of an option.
    static func connection(_ given: [String]?) -> [String] {
        let words = given ?? ["ssh"]
        let isSSH = words.first?.split(separator: "/").last == "ssh"
        return isSSH ? words + usualOptions : words
    }

    /// Returns the command for each machine: the words of `ssh`, the machine, and one word with the command
    /// to run on the machine.
    ///
    /// For a line with the name `:`, which means this machine, the command has no words of `ssh` and no
    /// quotes.
    ///
    /// `options` are the options of the child coordinators. `workers` is the number of workers for a line
    /// that has no number; `nil` means the number of usable cores of the machine. `local` is the path of
    /// `fetchpool` on this machine.
    func commands(ssh: [String], options: [String], workers: Int?, local: String) -> [[String]] {
        hosts.map { host in
            var words = [host.program ?? (host.isLocal ? local : "fetchpool"), "--supervised"]
            if let count = host.workers ?? workers { words += ["--workers", "\(count)"] }
            words += options
            guard !host.isLocal else { return words }
            let program = ShellText.quotedPath(words[0])
            let there = [program] + words.dropFirst().map(ShellText.quoted)
            return ssh + [host.name, there.joined(separator: " ")]
        }
    }
}

/// Text for a POSIX shell.
enum ShellText {
    /// Returns a word that a shell reads as `word`, in single quotes if needed.
    static func quoted(_ word: String) -> String {
        let plain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"): true
            case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "="), UInt8(ascii: "@"): true
            default: false
            }
        }
        if plain, !word.isEmpty { return word }
        return word.inSingleQuotes
    }

    /// Returns a path as `quoted` does, but without quotes around `~/` or `~user/` at the beginning, which
    /// the shell replaces.
    ///
    /// The whole path is quoted if `user` has other characters than ASCII letters, digits and `-_.`.
    static func quotedPath(_ path: String) -> String {
        guard path.hasPrefix("~"), let slash = path.firstIndex(of: "/") else { return quoted(path) }
        let home = path[..<slash]
        guard
            home.dropFirst().utf8.allSatisfy({
                $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A || 0x30...0x39 ~= $0 || "-_.".utf8.contains($0)
            })
        else { return quoted(path) }
        return home + "/" + quoted(String(path[path.index(after: slash)...]))
    }
}

extension RemoteHosts: FormedOptionValue {
    /// The form of `--hosts`: the name of a file.
    static var form: ValueForm<RemoteHosts> {
        ValueForm(expectation: "a file of machines") { name throws(UsageError) in try reading(file: name) }
    }
}
