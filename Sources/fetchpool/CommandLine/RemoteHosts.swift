// SPDX-License-Identifier: MIT
// fetchpool

import FetchOptionTable
import Glibc
import OptionTable

/// The machines of `--hosts`, on each of which a child coordinator works.
struct RemoteHosts: Hashable, Sendable {
    /// One line of the file.
    struct Host: Hashable, Sendable {
        /// The number of workers on the machine; `nil` if the line has no number.
        var workers: Int?
        /// The name for ssh(1), which is also `worker.host` in records; `:` means this machine, which records
        /// call `localhost`.
        var name: String
        /// The path of `fetchpool` on the machine; `nil` if the line has none (see `commands`).
        var program: String?

        /// True if the workers are to run on this machine, without ssh.
        var isLocal: Bool { name == ":" }
    }

    /// The machines, in the order of the file; at least one.
    var hosts: [Host]

    /// The allowed numbers of workers on one machine, as for `--workers`.
    private static let workerRange = 1...1_024
    /// The largest number of machines.
    static let mostHosts = 1_024
    private static let maxBytes = 1 << 20

    /// Reads the lines `N HOST`, `N/HOST` or `HOST`, each with the path of the program as an optional last
    /// word.
    ///
    /// Blank lines are ignored. In each line, the first word that begins with `#` and all words after it are
    /// ignored. The form with a slash is that of GNU parallel (`--sshloginfile` in parallel(1)).
    ///
    /// - Throws: `UsageError` for the first line that cannot be used, with its number, or if there are no
    ///   machines or more than `mostHosts`.
    init(reading text: String) throws(UsageError) {
        hosts = []
        // A line may end with CR and LF, which are one `Character`; some editors put a byte order mark first.
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
            throw UsageError("'\(program)' is no program; a line is 'N HOST' or 'N HOST PROGRAM'")
        }
        return Host(workers: workers, name: name, program: program)
    }

    /// Returns true for a name that is safe to show, is not a number, and cannot be taken for an option by
    /// ssh(1).
    private static func isName(_ name: String) -> Bool {
        !name.hasPrefix("-") && Int(name) == nil && !name.isEmpty
            && name.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
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
    /// ssh must not ask for a password, because its standard input belongs to the worker protocol. With these
    /// options, ssh notices a lost connection after about 30 s without a reply (ssh_config(5)). While tasks
    /// are in hand, the coordinator notices the loss earlier, after 5 s without a line.
    private static let usualOptions = [
        "-T", "-oBatchMode=yes", "-oConnectTimeout=15", "-oServerAliveInterval=15",
        "-oServerAliveCountMax=2",
    ]

    /// Returns the words of the program that connects; `given` are the words of `--ssh`, or `nil`.
    ///
    /// If the program is called `ssh`, the usual options come after the given ones, because ssh uses the
    /// first value of an option. Any other program gets only the given words.
    static func connection(_ given: [String]?) -> [String] {
        let words = given ?? ["ssh"]
        let isSSH = words.first?.split(separator: "/").last == "ssh"
        return isSSH ? words + usualOptions : words
    }

    /// Returns the command for each machine: the words of `ssh`, the machine, and one word with the command
    /// there.
    ///
    /// The command for this machine has no `ssh` and no quotes: it is the words of the command alone.
    ///
    /// `options` are the options of the child coordinators. `workers` is the number of workers for a line
    /// that has no number. With `nil`, the child coordinator uses its default, the number of usable cores.
    /// `local` is the path of `fetchpool` on this machine. On any other machine without a path, the shell
    /// searches for `fetchpool`.
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
    /// Returns a word that a shell reads as `word`, in single quotes unless no character needs them.
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

    /// Returns a path as `quoted` does, but without quotes around `~/` or `~user/` at the beginning, because
    /// the shell replaces the `~` or `~user`.
    ///
    /// This holds only for a `user` of ASCII letters and digits.
    static func quotedPath(_ path: String) -> String {
        guard path.hasPrefix("~"), let slash = path.firstIndex(of: "/") else { return quoted(path) }
        let home = path[..<slash]
        guard
            home.dropFirst().utf8.allSatisfy({ $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A || 0x30...0x39 ~= $0 })
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
