// SPDX-License-Identifier: MIT
// fetchpool

import PoolWorker

/// The sentences for `DecodingError` and `EncodingError`, whose own descriptions name cases of Swift types.
enum CodingFault {
    static func sentence(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            "'\(path(context.codingPath + [key]))' is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            told(context.codingPath, context.debugDescription)
        case EncodingError.invalidValue(_, let context):
            told(context.codingPath, context.debugDescription)
        default: "\(error)"
        }
    }

    private static func told(_ keys: [any CodingKey], _ text: String) -> String {
        if !keys.isEmpty { return "'\(path(keys))': \(text)" }
        guard text == "The given data was not valid JSON." else { return text }
        // Foundation uses this message also for values that do not fit their types. The JSON was checked
        // before, so the cause can only be such a value.
        return "a number is outside of the range of its type, or a string holds half a surrogate pair"
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce(into: "") { path, key in
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                path += (path.isEmpty ? "" : ".") + key.stringValue
            }
        }
    }
}
