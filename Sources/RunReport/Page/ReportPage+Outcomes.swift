// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

extension ReportPage {
    /// Writes the outcomes, the statuses, and the classes of errors; writes nothing if there are no records.
    mutating func writeOutcomes() {
        guard figures.records > 0 else { return }
        html.markup("<section>\n<div class=\"halves\">\n<div><h2>Outcomes</h2>\n")
        writeOutcomeTable()
        html.markup("<h2>Statuses</h2>\n")
        writeStatusTable()
        html.markup("</div>\n<div><h2>Errors</h2>\n")
        writeErrorTable()
        html.markup("</div>\n</div>\n</section>\n")
    }

    private mutating func writeOutcomeTable() {
        html.markup("<table><thead><tr><th scope=\"col\">outcome</th><th scope=\"col\" class=\"bar\"></th>")
        html.markup(
            "<th scope=\"col\" class=\"n\">tasks</th><th scope=\"col\" class=\"n\">share</th></tr></thead><tbody>\n"
        )
        for outcome in Outcome.allCases where figures.count(outcome) > 0 {
            html.markup("<tr><th scope=\"row\">")
            dot(outcome)
            element("", outcome.rawValue, "</th>")
            bar(Double(figures.count(outcome)) / Double(figures.records), outcome)
            cell(Shown.integer(figures.count(outcome)))
            cell(Shown.share(figures.count(outcome), of: figures.records))
            html.markup("</tr>\n")
        }
        html.markup("</tbody></table>\n")
    }

    private mutating func bar(_ share: Double, _ outcome: Outcome) {
        switch outcome {
        case .ok: bar(share, "o-ok")
        case .httpError: bar(share, "o-http_error")
        case .fetchError: bar(share, "o-fetch_error")
        case .processError: bar(share, "o-process_error")
        case .workerCrash: bar(share, "o-worker_crash")
        case .timeout: bar(share, "o-timeout")
        case .blocked: bar(share, "o-blocked")
        case .invalid: bar(share, "o-invalid")
        case .skipped: bar(share, "o-skipped")
        case .cancelled: bar(share, "o-cancelled")
        }
    }

    private mutating func writeErrorTable() {
        let errors = zip(ErrorClass.allCases, figures.classes).filter { $0.1 > 0 }.sorted { $0.1 > $1.1 }
        guard let most = errors.first?.1 else {
            // Records of a run with --fields may lack the member `error`.
            let isUnknown = figures.failures > 0
            html.markup("<p class=\"say\">")
            html.text(isUnknown ? "The records have no error classes." : "No record has an error.")
            html.markup("</p>\n")
            return
        }
        let sum = errors.reduce(0) { $0 + $1.1 }
        html.markup("<table><thead><tr><th scope=\"col\">class, and the first message</th>")
        html.markup("<th scope=\"col\" class=\"bar\"></th><th scope=\"col\" class=\"n\">tasks</th>")
        html.markup("<th scope=\"col\" class=\"n\">of errors</th></tr></thead><tbody>\n")
        for (error, count) in errors {
            html.markup("<tr><th scope=\"row\">")
            html.text(error.rawValue)
            writeExample(error)
            html.markup("</th>")
            bar(Double(count) / Double(most), figures.outcomesOfClasses[error] ?? error.outcomeOfFetch)
            cell(Shown.integer(count))
            cell(Shown.share(count, of: sum))
            html.markup("</tr>\n")
        }
        html.markup("</tbody></table>\n")
    }

    /// Writes the message of the first record with the class `error`, if there is a message.
    ///
    /// The record's host is added if it is known, unless the message contains the host's first 40 characters.
    private mutating func writeExample(_ error: ErrorClass) {
        guard let example = figures.examples[error], !example.message.isEmpty else { return }
        html.markup("<span class=\"note any\">")
        html.foreign(example.message)
        if !example.host.isEmpty, !example.message.contains(example.host.prefix(40)) {
            html.markup(" · ")
            html.foreign(example.host)
        }
        html.markup("</span>")
    }

    private mutating func writeStatusTable() {
        let statuses = figures.statuses.enumerated().filter { $0.element > 0 }
            .sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }
        guard !statuses.isEmpty else {
            html.markup("<p class=\"say\">No record has a status.</p>\n")
            return
        }
        html.markup("<table><thead><tr><th scope=\"col\">status</th><th scope=\"col\" class=\"bar\"></th>")
        html.markup(
            "<th scope=\"col\" class=\"n\">tasks</th><th scope=\"col\" class=\"n\">share</th></tr></thead><tbody>\n"
        )
        let most = 16
        for (status, count) in statuses.prefix(most) {
            html.markup("<tr><th scope=\"row\">")
            html.text("\(status) ")
            element("<span class=\"soft\">", StatusName.of(status), "</span></th>")
            let share = Double(count) / Double(figures.records)
            bar(share, status < 400 ? "good" : "o-http_error")
            cell(Shown.integer(count))
            cell(Shown.share(count, of: figures.records))
            html.markup("</tr>\n")
        }
        let rest = statuses.dropFirst(most)
        if !rest.isEmpty {
            let name = Shown.count(rest.count, "other status", "other statuses")
            element("<tr><th scope=\"row\">", name, "</th><td></td>")
            let count = rest.reduce(0) { $0 + $1.element }
            cell(Shown.integer(count))
            cell(Shown.share(count, of: figures.records))
            html.markup("</tr>\n")
        }
        let none = figures.records - figures.statuses.reduce(0, +)
        if none > 0 {
            html.markup("<tr><th scope=\"row\" class=\"soft\">no status</th><td></td>")
            cell(Shown.integer(none))
            cell(Shown.share(none, of: figures.records))
            html.markup("</tr>\n")
        }
        html.markup("</tbody></table>\n")
    }
}

/// The names of frequent statuses (RFC 9110 §15, RFC 6585, RFC 7725 and RFC 8470).
enum StatusName {
    /// Returns the name of `status`; empty if `names` does not contain the status.
    static func of(_ status: Int) -> String { names[status] ?? "" }

    private static let names = [
        200: "OK", 201: "Created", 202: "Accepted", 203: "Non-Authoritative Information", 204: "No Content",
        205: "Reset Content", 206: "Partial Content", 300: "Multiple Choices", 301: "Moved Permanently",
        302: "Found", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect",
        308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized", 402: "Payment Required",
        403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
        407: "Proxy Authentication Required", 408: "Request Timeout", 409: "Conflict", 410: "Gone",
        411: "Length Required", 412: "Precondition Failed", 413: "Content Too Large", 414: "URI Too Long",
        415: "Unsupported Media Type", 416: "Range Not Satisfiable", 417: "Expectation Failed",
        421: "Misdirected Request", 422: "Unprocessable Content", 425: "Too Early", 426: "Upgrade Required",
        428: "Precondition Required", 429: "Too Many Requests", 431: "Request Header Fields Too Large",
        451: "Unavailable For Legal Reasons", 500: "Internal Server Error", 501: "Not Implemented",
        502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
        505: "HTTP Version Not Supported", 511: "Network Authentication Required",
    ]
}
