// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchRun
import Platform
import PoolWire

// These functions compare each record of the run with the history of its line.

extension RunLedger {
    /// Reads records from bytes, and checks each record.
    func take(_ bytes: [UInt8]) {
        framer.append(bytes)
        while case .whole(let range)? = framer.next() {
            let text = Array(framer.bytes[range])
            do throws(JSONSyntaxError) {
                try check(try FakeRecord(reading: text), text)
            } catch {
                world.fail("a record cannot be read: \(error): '\(String(decoding: text, as: UTF8.self))'")
            }
        }
    }

    private func check(_ record: FakeRecord, _ text: [UInt8]) throws(JSONSyntaxError) {
        world.tell("record: \(String(decoding: text.prefix(300), as: UTF8.self))")
        let index = record.id - 1
        world.require(lines.indices.contains(index), "a record has the unknown id \(record.id)")
        world.require(lines[index].outcome == nil, "line \(index) gets a second record")
        world.require(
            !settings.keepsOrder || index > lastRecorded,
            "the record of line \(index) is out of order"
        )
        lastRecorded = index
        let line = lines[index]
        lines[index].outcome = record.outcome
        recorded(index)
        if line.body != nil { waitingBytes -= line.bodyBytes }
        records += 1
        world.tally.note(record.outcome)
        if let fault = fault(record, line, world.plan(index), at: index) {
            world.fail(
                "line \(index) \(fault); \(line); \(world.plan(index)): \(String(decoding: text, as: UTF8.self))"
            )
        }
    }

    /// Returns the fault of a record as text; `nil` if the plan and the history of its line allow the record.
    private func fault(_ record: FakeRecord, _ line: Line, _ plan: LinePlan, at index: Int) -> String? {
        if record.method != plan.recordedMethod { return "has the wrong method" }
        guard plan.isTask else {
            return record.outcome == .invalid ? nil : "is not a task, but its outcome is not invalid"
        }
        guard record.outcome != .cancelled else {
            return isOrderly ? "is cancelled, but nothing ended the run" : nil
        }
        if plan.kind == .getObject, record.meta != "[\(index)]" { return "has the wrong meta" }
        if let fault = fetcherFault(record, line) { return fault }
        if let fault = waitingFault(line, plan) { return fault }
        guard line.fetchesSent > 0 else { return givenUpFault(record, plan) }
        let met = line.met ?? plan.result
        let isBundled = world.scenario.fetching == .bundled
        let isToBeProcessed = isBundled && settings.processing != nil && met.isPage
        switch record.outcome {
        case .ok:
            let isGood = !isBundled || met.status.map { $0 < 400 } ?? false
            guard isGood else { return "is ok, but the network gave no good response" }
            guard !isToBeProcessed || line.processingBegun > 0 else { return "is ok without being processed" }
            let result = record.line
            guard !isToBeProcessed || result == index else { return "has the result of another line" }
            return result == nil || result == index ? nil : "has the result of another line"
        case .httpError:
            return met.status ?? 0 >= 400 ? nil : "is http_error, but no response had a status of 400 or more"
        case .fetchError:
            if record.errorClass == .workerProtocol {
                return line.mayBeBroken ? nil : "is worker_protocol, but no worker broke the protocol"
            }
            if case .fault(let errorClass) = met, record.errorClass == errorClass { return nil }
            // Otherwise the task waited for a retry after some failure, and its host was given up meanwhile.
            return givenUpFault(record, plan)
        case .processError:
            if record.errorClass == .workerProtocol {
                return line.mayBeBroken ? nil : "is worker_protocol, but no worker broke the protocol"
            }
            return plan.processing == .reportError ? nil : "is process_error, but no processor reports one"
        case .workerCrash: return crashFault(line, plan)
        case .timeout: return line.mayBeLate ? nil : "is timeout, but no worker was late with it"
        case .invalid, .blocked, .skipped, .cancelled: return "has an outcome that cannot occur"
        }
    }

    /// Returns the fault if an unprocessed `ok` record names a wrong fetch worker or an impossible number of
    /// fetches; otherwise `nil`.
    ///
    /// Only records of the bundled fetch worker are checked.
    private func fetcherFault(_ record: FakeRecord, _ line: Line) -> String? {
        guard record.outcome == .ok, line.processingSent == 0, world.scenario.fetching == .bundled else {
            return nil
        }
        guard record.pid == Int(line.holder) else { return "names a worker that did not fetch it" }
        let attempt = record.attempt ?? 0
        return (1...line.fetchesSent).contains(attempt) ? nil : "has a record with \(attempt) fetches"
    }

    /// Checks a record that is allowed only if its host was given up; returns the fault of the record.
    ///
    /// If there is no fault, the function notes that the host was given up, and returns `nil`.
    private func givenUpFault(_ record: FakeRecord, _ plan: LinePlan) -> String? {
        guard record.outcome == .fetchError, let errorClass = record.errorClass else {
            return "has a record without a result of a fetch and without an error of its host"
        }
        guard hosts[plan.host].faults.contains(errorClass) else {
            return "is given up with an error that its host never caused"
        }
        hosts[plan.host].wasGivenUp = true
        world.tally.note(.givenUp)
        return nil
    }

    /// Returns a fault if a line has waited for a dead host longer than `hostPatience` plus 20 s; otherwise
    /// `nil`.
    ///
    /// Only lines of scenarios with `isCalm` are checked, and only if the run does not keep the order of the
    /// input.
    private func waitingFault(_ line: Line, _ plan: LinePlan) -> String? {
        guard world.scenario.isCalm, !settings.keepsOrder, world.network.hosts[plan.host].isDead,
            let first = hosts[plan.host].firstFault
        else { return nil }
        // The time `hostPatience` begins with the end of the first failed request. The added 20 s are for a
        // fetch that is in flight when this time is over, and for lines of other hosts, which may occupy the
        // few workers.
        let most = Int(settings.hostPatience / .nanoseconds(1)) + 20_000_000_000
        let waited = world.real - max(first, line.handedAt)
        return waited <= most ? nil : "has waited \(waited / 1_000_000) ms for a host that gives no response"
    }

    private func crashFault(_ line: Line, _ plan: LinePlan) -> String? {
        if line.processingSent > 0 {
            return line.processDeaths > settings.crashRetries ? nil : "is worker_crash, but has attempts left"
        }
        if !plan.mayRepeat {
            // If a worker that is being ended sends an unusable result, the result does not end the task. The
            // death of this worker then ends the task.
            return line.fetchDeaths > 0 || line.mayBeBroken
                ? nil : "is worker_crash, but no worker with this line died"
        }
        let isSequential = world.scenario.fetching == .sequential || settings.fetch.concurrency == 1
        let needed = isSequential ? settings.crashRetries + 1 : 3
        // Without a pidfd, the run notices a death late, and may send tasks to the dead worker meanwhile.
        return line.fetchDeaths + (hasDiedUnnoticed ? 1 : 0) >= needed
            ? nil : "is worker_crash after only \(line.fetchDeaths) deaths"
    }
}
