// SPDX-License-Identifier: MIT
// fetchpool

extension OptionRow {
    /// Creates an option with one value; if it is given several times, the last value wins.
    package static func value<Value: OptionValue>(
        _ names: String...,
        as placeholder: String,
        sets path: any WritableKeyPath<Settings, Value> & Sendable,
        accepting form: ValueForm<Value> = .spelled,
        shownDefault: String? = nil,
        help: String
    ) -> Self {
        Self(
            names,
            placeholder: placeholder,
            shownDefault: shownDefault,
            help: help,
            effect: .read { settings, text throws(UsageError) in
                settings[keyPath: path] = try form.read(text)
            }
        )
    }

    /// Creates an option with one value for an optional setting; if it is given several times, the last value
    /// wins.
    package static func value<Value: OptionValue>(
        _ names: String...,
        as placeholder: String,
        sets path: any WritableKeyPath<Settings, Value?> & Sendable,
        accepting form: ValueForm<Value> = .spelled,
        shownDefault: String? = nil,
        help: String
    ) -> Self {
        Self(
            names,
            placeholder: placeholder,
            shownDefault: shownDefault,
            help: help,
            effect: .read { settings, text throws(UsageError) in
                settings[keyPath: path] = try form.read(text)
            }
        )
    }

    /// Creates an option that may be repeated; all values are kept, in order.
    package static func repeatable<Value: OptionValue>(
        _ names: String...,
        as placeholder: String,
        appendTo path: any WritableKeyPath<Settings, [Value]> & Sendable,
        accepting form: ValueForm<Value> = .spelled,
        shownDefault: String? = nil,
        help: String
    ) -> Self {
        Self(
            names,
            placeholder: placeholder,
            shownDefault: shownDefault,
            help: help,
            effect: .read { settings, text throws(UsageError) in
                let value = try form.read(text)
                settings[keyPath: path].append(value)
            }
        )
    }
}
