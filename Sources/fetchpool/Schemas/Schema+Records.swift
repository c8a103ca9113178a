// SPDX-License-Identifier: MIT
// fetchpool

extension Schema {
    /// The schema of a record.
    static let recordsText = #"""
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "$id": "urn:fetchpool:record:1",
          "title": "A record of fetchpool",
          "description": "One line of the output. A member without a known value is absent.",
          "type": "object",
          "required": ["v", "id", "outcome"],
          "properties": {
            "v": { "const": 1 },
            "id": { "type": ["string", "integer"] },
            "url": { "type": "string" },
            "method": { "type": "string" },
            "outcome": {
              "enum": [
                "ok", "http_error", "fetch_error", "process_error", "worker_crash", "timeout", "blocked", "invalid",
                "skipped", "cancelled"
              ]
            },
            "status": { "type": "integer", "minimum": 0 },
            "final_url": { "type": "string" },
            "redirects": { "type": "integer", "minimum": 0 },
            "redirect_chain": {
              "type": "array",
              "minItems": 1,
              "items": {
                "type": "object",
                "required": ["url", "status"],
                "properties": {
                  "url": { "type": "string" },
                  "status": { "type": "integer", "minimum": 300, "maximum": 399 }
                },
                "additionalProperties": false
              }
            },
            "http_version": { "enum": ["1.0", "1.1", "2"] },
            "remote_ip": { "type": "string" },
            "content_type": { "type": "string" },
            "headers": {
              "type": "array",
              "items": {
                "type": "object",
                "required": ["name", "value"],
                "properties": {
                  "name": { "type": "string" },
                  "value": { "type": "string" }
                },
                "additionalProperties": false
              }
            },
            "bytes": {
              "type": "object",
              "required": ["wire", "body"],
              "properties": {
                "wire": { "type": "integer", "minimum": 0 },
                "body": { "type": "integer", "minimum": 0 }
              },
              "additionalProperties": false
            },
            "timing": {
              "type": "object",
              "properties": {
                "dns_ms": { "$ref": "#/$defs/milliseconds" },
                "connect_ms": { "$ref": "#/$defs/milliseconds" },
                "tls_ms": { "$ref": "#/$defs/milliseconds" },
                "ttfb_ms": { "$ref": "#/$defs/milliseconds" },
                "total_ms": { "$ref": "#/$defs/milliseconds" },
                "process_ms": { "$ref": "#/$defs/milliseconds" }
              },
              "additionalProperties": false
            },
            "insecure": { "const": true },
            "fetched_at": { "$ref": "#/$defs/time" },
            "attempt": { "type": "integer", "minimum": 0 },
            "worker": {
              "type": "object",
              "required": ["id", "pid"],
              "properties": {
                "id": { "type": "integer", "minimum": 0 },
                "pid": { "type": "integer", "minimum": 1 },
                "host": { "type": "string" }
              },
              "additionalProperties": false
            },
            "processor": {
              "type": "object",
              "required": ["name", "id", "pid"],
              "properties": {
                "name": { "type": "string" },
                "id": { "type": "integer", "minimum": 0 },
                "pid": { "type": "integer", "minimum": 1 }
              },
              "additionalProperties": false
            },
            "signal": { "type": "string" },
            "exit_code": { "type": "integer", "minimum": 0, "maximum": 255 },
            "stderr_tail": { "type": "array", "minItems": 1, "items": { "type": "string" } },
            "peak_rss_kb": { "type": "integer", "minimum": 0 },
            "body_path": { "type": "string" },
            "result": true,
            "attempts": {
              "type": "array",
              "minItems": 1,
              "items": {
                "type": "object",
                "required": ["class", "total_ms"],
                "properties": {
                  "class": { "$ref": "#/$defs/class" },
                  "total_ms": { "$ref": "#/$defs/milliseconds" },
                  "wait_ms": { "$ref": "#/$defs/milliseconds" }
                },
                "additionalProperties": false
              }
            },
            "error": {
              "type": "object",
              "required": ["class", "message", "retryable"],
              "properties": {
                "class": { "$ref": "#/$defs/class" },
                "message": { "type": "string" },
                "retryable": { "type": "boolean" }
              },
              "additionalProperties": false
            },
            "meta": true
          },
          "additionalProperties": false,
          "if": { "properties": { "outcome": { "const": "ok" } } },
          "then": { "not": { "required": ["error"] } },
          "else": { "required": ["error"] },
          "$defs": {
            "milliseconds": { "type": "number", "minimum": 0 },
            "time": {
              "type": "string",
              "format": "date-time",
              "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$"
            },
            "class": {
              "enum": [
                "http_status", "rate_limited", "dns", "connect", "tls", "timeout_connect", "timeout_total", "low_speed",
                "reset", "protocol", "too_large", "decompress", "redirects", "worker_protocol", "processor", "crash", "oom",
                "deadline", "private_address", "scheme", "robots", "url", "json", "line_too_long", "duplicate", "cancelled"
              ]
            }
          }
        }
        """#
}
