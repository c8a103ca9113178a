// SPDX-License-Identifier: MIT
// fetchpool

import FetchClient
import FetchModel
import Glibc
import Platform
import PoolWire
import PoolWorker

/// A worker that exchanges messages with a coordinator over the original standard input and output.
///
/// One thread does everything except the look-ups of host names. A write can safely block, because the
/// coordinator always reads.
struct SupervisedLoop: ~Copyable {
    private let channel: ProtocolDescriptors
    private let client: FetchClient
    private let concurrency: Int
    private let wantsResponses: Bool
    private let maxBodyBytes: Int
    private var input: LineFramer
    private var hasInputEnded = false
    private var isDraining = false
    private var queue = WaitingTasks()
    /// True if the coordinator confirms each `start`, and sends beats.
    private let isRemote: Bool
    /// The tasks that wait for `confirm`, by sequence number.
    private var unconfirmed: [Int: (task: FetchTask, isRetry: Bool)] = [:]
    /// The sequence numbers of the tasks in flight, by token.
    private var begun = TaskTable<Int>()
    private var results: ResultQueue
    private var beats = Beats()
    private let busyBeats: BusyBeats
    private var writer = JSONWriter()

    /// Serves tasks until the coordinator drains the worker or dies; then exits the process.
    static func serve(_ defaults: FetchSettings) -> Never {
        WorkerProcessSetup.resetSignals()
        let channel: ProtocolDescriptors
        do throws(ProtocolDescriptors.Refusal) {
            channel = try ProtocolDescriptors.steal()
        } catch {
            Program.leave(error.description, status: 1)
        }
        // A write to a closed pipe or connection must return EPIPE.
        signal(SIGPIPE, SIG_IGN)
        // Slurm and systemd send SIGTERM to all processes of a run, and a terminal that closes sends SIGHUP.
        // The coordinator lets requests end, and then ends this process.
        for number in [SIGTERM, SIGHUP] { signal(number, SIG_IGN) }
        let greeting = Greeting.wait(on: channel.input, defaults: defaults)
        if greeting.isRemote { WorkerProcessSetup.leaveWhenSilent(channel.input) }
        var loop = SupervisedLoop(channel, greeting)
        loop.sayHello()
        while true { loop.turn() }
    }

    private init(_ channel: ProtocolDescriptors, _ greeting: Greeting) {
        let settings = greeting.settings
        self.channel = channel
        (input, isRemote) = (greeting.input, greeting.isRemote)
        let client = Program.makeClient(settings)
        self.client = client
        concurrency = settings.concurrency
        (wantsResponses, maxBodyBytes) = (settings.wantsResponses, settings.maxBodyBytes)
        results = ResultQueue(settings) { client.noteWork() }
        let busyBeats = BusyBeats(output: channel.output)
        self.busyBeats = busyBeats
        client.whileBusy { busyBeats.write() }
    }

    private mutating func sayHello() {
        writer.writeHello(Hello(pid: Int(getpid()), name: Program.name, concurrency: concurrency))
        flush()
    }

    private mutating func turn() {
        readMessages()
        client.advance()
        handOverCookies()
        while let result = client.takeFinished() {
            handOver(result, seq: begun.remove(result.token))
        }
        // Waiting tasks begin after the results are taken, because each result makes room for one task.
        beginTasks()
        for (seq, result) in results.takeDue() { handOver(result, seq: seq) }
        let isBeatDue = beats.isDue
        if isBeatDue { results.leaveUnusedSegment() }
        if isBeatDue || results.isNewsDue {
            let resident = WorkerProcessSetup.residentKB()
            busyBeats.last = results.beat(rssKB: resident, inFlight: client.inFlight)
            writer.writeBeat(busyBeats.last)
        }
        if isDraining, queue.isEmpty, inHand == 0, results.isEmpty {
            writer.writeBye(reason: "drained")
            flush()
            // exit(3) would run OpenSSL's exit handler, which would free memory that libcurl still uses.
            _exit(0)
        }
        flush()
        wait()
    }

    private mutating func handOver(_ result: FetchResult, seq: Int) {
        results.writeOrQueue(result, seq: seq, into: &writer)
        client.noteWork()
        // With a slow disk, a turn of the loop can last much longer than the coordinator's time limit for a
        // result. So if a beat was written during the turn, the results are sent at once.
        if busyBeats.takeHasWritten() { flush() }
    }

    /// Sends changed cookies to the coordinator in a beat, before the results of the responses that set them.
    private mutating func handOverCookies() {
        guard client.hasCookieChanges else { return }
        var beat = results.beat(rssKB: nil, inFlight: client.inFlight)
        beat.cookies = WireCookies.texts(of: client.takeCookieChanges())
        writer.writeBeat(beat)
    }

    private mutating func readMessages() {
        // A copy without cost: the framer changes no byte before the next `fill`.
        let bytes = input.bytes
        while let line = input.next() {
            switch line {
            case .whole(let range): take(bytes.span.extracting(range))
            case .tooLong(let range):
                refuse(
                    bytes.span.extracting(range),
                    "the line is longer than \(WireLimits.maxWorkerLineBytes >> 20) MiB"
                )
            }
        }
    }

    private mutating func take(_ line: Span<UInt8>) {
        do throws(JSONSyntaxError) {
            switch try CoordinatorMessage.read(line) {
            case .task(let assignment): take(assignment, line.extracting(assignment.task))
            case .recall(let count): for seq in queue.takeNewest(count) { writer.writeReturned(seq: seq) }
            case .cancel(let seq): if queue.take(seq) { writer.writeReturned(seq: seq) }
            case .confirm(let seq): beginConfirmed(seq)
            case .cookies(let texts): client.merge(WireCookies.cookies(in: texts))
            case .drain: isDraining = true
            case .initialize, .unknown: break
            }
        } catch {
            refuse(line, error.description)
        }
    }

    /// Writes an error as the result of a task whose line cannot be read.
    ///
    /// Exits with status 1 if the line has no readable `seq`, because no result can be written.
    private mutating func refuse(_ line: Span<UInt8>, _ reason: String) {
        guard let seq = CoordinatorMessage.numberOfUnreadableTask(line) else {
            flush()
            Program.leave("a line on standard input is not a message of the protocol: \(reason)", status: 1)
        }
        ResultQueue.write(TaskError(.json, "the task cannot be read: \(reason)"), seq: seq, into: &writer)
    }

    private mutating func take(_ assignment: CoordinatorMessage.Assignment, _ object: Span<UInt8>) {
        let (seq, isRetry) = (assignment.seq, assignment.attempt > 1)
        if !wantsResponses, let task = PlainDataTask(object, maxBodyBytes: maxBodyBytes) {
            task.writeResultMessage(seq: seq, of: object, into: &writer)
        } else if queue.isEmpty, inHand < concurrency {
            begin(seq, object, isRetry: isRetry)
        } else {
            let object = object.array(0..<object.count)
            queue.add(WaitingTasks.Task(seq: seq, object: object, isRetry: isRetry))
        }
    }

    private mutating func beginTasks() {
        while inHand < concurrency, let task = queue.takeOldest() {
            begin(task.seq, task.object.span, isRetry: task.isRetry)
        }
    }

    private mutating func begin(_ seq: Int, _ object: Span<UInt8>, isRetry: Bool) {
        do throws(TaskError) {
            let task = try FetchTask(reading: object)
            if !task.isIdempotent {
                // `start` must be written before libcurl sends anything.
                writer.writeStart(seq: seq)
                flush()
                if isRemote {
                    // The message can be lost with the connection, so the task waits for `confirm`.
                    unconfirmed[seq] = (task, isRetry)
                    return
                }
            }
            client.begin(task, token: begun.insert(seq), isRetry: isRetry)
        } catch {
            ResultQueue.write(error, seq: seq, into: &writer)
        }
    }

    private var inHand: Int { client.inFlight + unconfirmed.count }

    private mutating func beginConfirmed(_ seq: Int) {
        guard let (task, isRetry) = unconfirmed.removeValue(forKey: seq) else { return }
        client.begin(task, token: begun.insert(seq), isRetry: isRetry)
    }

    private mutating func flush() {
        guard !writer.isEmpty else { return }
        let isWritten = writer.withBytes { writeAll($0, to: channel.output) }
        writer.removeAll()
        if !isWritten { WorkerProcessSetup.leaveWithGroup() }
    }

    private mutating func wait() {
        var entries = [
            pollfd(fd: client.descriptor, events: Int16(POLLIN), revents: 0),
            // poll(2) ignores an entry with a negative descriptor.
            pollfd(fd: hasInputEnded ? -1 : channel.input, events: Int16(POLLIN), revents: 0),
        ]
        var timeout = beats.millisecondsLeft
        let clientTimeout = client.settle()
        if clientTimeout >= 0 { timeout = min(timeout, clientTimeout) }
        if let pause = results.millisecondsToRetry { timeout = min(timeout, pause) }
        unsafe _ = poll(&entries, nfds_t(entries.count), timeout)
        guard entries[1].revents != 0 else { return }
        guard input.fill(from: channel.input) != .some else {
            if isRemote { WorkerProcessSetup.noteHeard() }
            return
        }
        hasInputEnded = true
        readMessages()
        if !isDraining { WorkerProcessSetup.leaveWithGroup() }
        if isRemote { WorkerProcessSetup.stopListening() }
    }
}
