// SPDX-License-Identifier: MIT
// fetchpool

extension OptionRow {
    /// An option with one value; the last one given wins.
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

    /// An option with one value for a setting that may be absent; the last one given wins.
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

    /// An option that may be given again; every value is kept, in the order given.
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
