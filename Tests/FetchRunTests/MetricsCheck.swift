// SPDX-License-Identifier: MIT
// fetchpool

/// A strict reader of the text format 0.0.4 of Prometheus, for the metrics of one run.
enum MetricsCheck {
    struct Fault: Error {
        var reason: String
    }

    struct Sample {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    struct Family {
        var name: String
        var type: String
        var samples: [Sample] = []
    }

    /// Returns the families of a text.
    ///
    /// - Throws: `Fault` if the text is malformed or has a series twice; if the name of a counter does not
    ///   end in `_total`, or the name of a gauge or a histogram does; or if a histogram is incomplete, has
    ///   several complete series, or has buckets that are not cumulative.
    static func read(_ text: String) throws -> [Family] {
        guard text.hasSuffix("\n") else { throw Fault(reason: "the last line has no line feed") }
        var (families, help): ([Family], String?) = ([], nil)
        var seen: Set<String> = []
        for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            if line.hasPrefix("# HELP ") {
                guard words.count == 4, help == nil else { throw Fault(reason: "HELP: \(line)") }
                help = words[2]
            } else if line.hasPrefix("# TYPE ") {
                guard words.count == 4, help == words[2], !families.contains(where: { $0.name == words[2] }),
                    ["counter", "gauge", "histogram"].contains(words[3]),
                    (words[3] == "counter") == words[2].hasSuffix("_total")
                else { throw Fault(reason: "TYPE: \(line)") }
                families.append(Family(name: words[2], type: words[3]))
                help = nil
            } else {
                let sample = try readSample(line)
                let series = sample.name + "\(sample.labels.sorted { $0.key < $1.key })"
                guard seen.insert(series).inserted, help == nil, let family = families.last,
                    belongs(sample.name, to: family)
                else { throw Fault(reason: "sample: \(line)") }
                families[families.count - 1].samples.append(sample)
            }
        }
        for family in families where family.type == "histogram" { try checkHistogram(family) }
        return families
    }

    private static func belongs(_ name: String, to family: Family) -> Bool {
        guard family.type == "histogram" else { return name == family.name }
        return ["_bucket", "_sum", "_count"].contains { name == family.name + $0 }
    }

    private static func readSample(_ line: Substring) throws -> Sample {
        var rest = line[...]
        func isName(_ text: Substring) -> Bool { text.wholeMatch(of: /[a-zA-Z_][a-zA-Z0-9_]*/) != nil }
        let name = rest.prefix { $0 != "{" && $0 != " " }
        guard isName(name) else { throw Fault(reason: "name: \(line)") }
        rest = rest.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            repeat {
                rest = rest.dropFirst()
                let label = rest.prefix { $0 != "=" }
                rest = rest.dropFirst(label.count + 1)
                guard isName(label), rest.first == "\"" else { throw Fault(reason: "label: \(line)") }
                guard labels.updateValue(try readValue(&rest), forKey: String(label)) == nil else {
                    throw Fault(reason: "a label occurs twice: \(line)")
                }
            } while rest.first == ","
            guard rest.first == "}" else { throw Fault(reason: "brace: \(line)") }
            rest = rest.dropFirst()
        }
        guard rest.first == " ", let value = Double(rest.dropFirst()) else {
            throw Fault(reason: "value: \(line)")
        }
        return Sample(name: String(name), labels: labels, value: value)
    }

    /// Reads a quoted label value; returns its text without the quotes and with the escapes decoded.
    private static func readValue(_ rest: inout Substring) throws -> String {
        var value = ""
        var scalars = rest.unicodeScalars.dropFirst()
        while let scalar = scalars.popFirst() {
            if scalar == "\"" {
                rest = Substring(scalars)
                return value
            }
            guard scalar == "\\" else {
                value.unicodeScalars.append(scalar)
                continue
            }
            switch scalars.popFirst() {
            case "\\": value += "\\"
            case "\"": value += "\""
            case "n": value += "\n"
            default: throw Fault(reason: "escape: \(rest)")
            }
        }
        throw Fault(reason: "quote: \(rest)")
    }

    private static func checkHistogram(_ family: Family) throws {
        let buckets = family.samples.filter { $0.name.hasSuffix("_bucket") }
        let bounds = buckets.map {
            $0.labels["le"] == "+Inf" ? .infinity : Double($0.labels["le"] ?? "") ?? .nan
        }
        let counts = buckets.map(\.value)
        let count = family.samples.first { $0.name.hasSuffix("_count") }?.value
        guard zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }), bounds.last == .infinity,
            zip(counts, counts.dropFirst()).allSatisfy({ $0 <= $1 }), counts.last == count,
            family.samples.contains(where: { $0.name.hasSuffix("_sum") })
        else { throw Fault(reason: "histogram: \(family.name)") }
    }
}
