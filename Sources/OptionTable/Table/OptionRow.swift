// SPDX-License-Identifier: MIT
// fetchpool

/// One row of an option table: the names, the help and the effect of an option, or of the operands.
package struct OptionRow<Settings: Sendable>: Sendable {
    /// The effect of the row's option, or of an operand, on the command line.
    enum Effect: Sendable {
        case set(@Sendable (inout Settings) -> Void)
        case read(@Sendable (inout Settings, String) throws(UsageError) -> Void)
        case operand(@Sendable (inout Settings, String) -> Void)
        case print(PrintedText)
    }

    /// A text that the table itself provides.
    enum PrintedText: Sendable {
        case help, version
    }

    /// The spellings in the order of the help text; empty for operands.
    let names: [String]
    /// The placeholder in the help text for the option's value, or for the operands.
    ///
    /// The placeholder is `nil` for an option without a value.
    let placeholder: String?
    /// The default that the help text shows; `nil` if the help text shows none.
    let shownDefault: String?
    let help: String
    let effect: Effect

    init(
        _ names: [String],
        placeholder: String? = nil,
        shownDefault: String? = nil,
        help: String,
        effect: Effect
    ) {
        (self.names, self.placeholder, self.shownDefault) = (names, placeholder, shownDefault)
        (self.help, self.effect) = (help, effect)
    }
}

extension OptionRow {
    /// Returns this row for larger settings, in which `part` is the path to the settings of this row.
    package func inside<Whole>(
        _ part: any WritableKeyPath<Whole, Settings> & Sendable
    ) -> OptionRow<Whole> {
        let effect: OptionRow<Whole>.Effect =
            switch effect {
            case .set(let set): .set { set(&$0[keyPath: part]) }
            case .read(let read):
                .read { whole, text throws(UsageError) in try read(&whole[keyPath: part], text) }
            case .operand(let append): .operand { append(&$0[keyPath: part], $1) }
            case .print(.help): .print(.help)
            case .print(.version): .print(.version)
            }
        return OptionRow<Whole>(
            names,
            placeholder: placeholder,
            shownDefault: shownDefault,
            help: help,
            effect: effect
        )
    }

    /// Creates a switch that turns a setting on.
    package static func flag(
        _ names: String...,
        sets path: any WritableKeyPath<Settings, Bool> & Sendable,
        help: String
    ) -> Self {
        Self(names, help: help, effect: .set { $0[keyPath: path] = true })
    }

    /// Creates a switch that gives a setting one fixed value.
    package static func flag<Value: Sendable>(
        _ names: String...,
        sets path: any WritableKeyPath<Settings, Value> & Sendable,
        to value: Value,
        help: String
    ) -> Self {
        Self(names, help: help, effect: .set { $0[keyPath: path] = value })
    }

    /// Creates the row for operands; each operand is appended to the setting at `path`.
    ///
    /// Before `--`, the operands are the words that are neither options nor values of options. After `--`,
    /// all words are operands.
    package static func operands(
        as placeholder: String,
        appendTo path: any WritableKeyPath<Settings, [String]> & Sendable,
        help: String
    ) -> Self {
        Self([], placeholder: placeholder, help: help, effect: .operand { $0[keyPath: path].append($1) })
    }
}
