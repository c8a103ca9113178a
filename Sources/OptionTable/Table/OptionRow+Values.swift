// SPDX-License-Identifier: MIT
// fetchpool

extension OptionRow {
    /// Creates an option with one value; if the option is given several times, the last value is used.
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

    /// Creates an option with one value for an optional setting; if the option is given several times, the
    /// last value is used.
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

    /// Creates an option that may be repeated; each value is appended to the setting.
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
