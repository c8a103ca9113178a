// SPDX-License-Identifier: MIT
// fetchpool

extension Schema {
    /// The schema of the file of `--stats`.
    static let statisticsText = #"""
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "$id": "urn:fetchpool:statistics:1",
          "title": "The statistics of a run of fetchpool",
          "description": "The file of --stats.",
          "type": "object",
          "required": [
            "v", "running", "pid", "started_at", "written_at", "seconds", "tasks_read", "tasks_waiting", "tasks_in_flight",
            "records", "resumed", "unwritten_records", "outcomes", "errors", "statuses", "body_bytes", "wire_bytes",
            "latency_ms", "dns_ms", "connections", "retries", "hosts_by_failures", "hosts_by_time", "worker_restarts",
            "unusable_lines", "pools"
          ],
          "properties": {
            "v": { "const": 1 },
            "running": { "type": "boolean" },
            "pid": { "type": "integer", "minimum": 1 },
            "started_at": { "$ref": "#/$defs/time" },
            "written_at": { "$ref": "#/$defs/time" },
            "seconds": { "$ref": "#/$defs/duration" },
            "tasks_read": { "$ref": "#/$defs/count" },
            "tasks_waiting": { "$ref": "#/$defs/count" },
            "tasks_in_flight": { "$ref": "#/$defs/count" },
            "records": { "$ref": "#/$defs/count" },
            "resumed": { "$ref": "#/$defs/count" },
            "unwritten_records": { "$ref": "#/$defs/count" },
            "outcomes": {
              "type": "object",
              "propertyNames": {
                "enum": [
                  "ok", "http_error", "fetch_error", "process_error", "worker_crash", "timeout", "blocked", "invalid",
                  "skipped", "cancelled"
                ]
              },
              "additionalProperties": { "$ref": "#/$defs/count" }
            },
            "errors": {
              "type": "object",
              "propertyNames": {
                "enum": [
                  "http_status", "rate_limited", "dns", "connect", "tls", "timeout_connect", "timeout_total", "low_speed",
                  "reset", "protocol", "too_large", "decompress", "redirects", "worker_protocol", "processor", "crash",
                  "oom", "deadline", "private_address", "scheme", "robots", "url", "json", "line_too_long", "duplicate",
                  "cancelled"
                ]
              },
              "additionalProperties": { "$ref": "#/$defs/count" }
            },
            "statuses": {
              "type": "object",
              "propertyNames": { "pattern": "^([0-9]{1,3}|other)$" },
              "additionalProperties": { "$ref": "#/$defs/count" }
            },
            "body_bytes": { "$ref": "#/$defs/count" },
            "wire_bytes": { "$ref": "#/$defs/count" },
            "latency_ms": { "$ref": "#/$defs/quantiles" },
            "dns_ms": { "$ref": "#/$defs/quantiles" },
            "connections": {
              "type": "object",
              "required": ["opened", "reused"],
              "properties": {
                "opened": { "$ref": "#/$defs/count" },
                "reused": { "$ref": "#/$defs/count" },
                "reuse_ratio": { "type": "number", "minimum": 0, "maximum": 1 }
              },
              "additionalProperties": false
            },
            "retries": { "$ref": "#/$defs/count" },
            "hosts_by_failures": {
              "type": "array",
              "maxItems": 10,
              "items": {
                "type": "object",
                "required": ["host", "failures"],
                "properties": {
                  "host": { "type": "string" },
                  "failures": { "$ref": "#/$defs/count" },
                  "excess": { "$ref": "#/$defs/count" }
                },
                "additionalProperties": false
              }
            },
            "hosts_by_time": {
              "type": "array",
              "maxItems": 10,
              "items": {
                "type": "object",
                "required": ["host", "total_ms"],
                "properties": {
                  "host": { "type": "string" },
                  "total_ms": { "$ref": "#/$defs/duration" },
                  "excess_ms": { "$ref": "#/$defs/duration" }
                },
                "additionalProperties": false
              }
            },
            "worker_restarts": { "$ref": "#/$defs/count" },
            "unusable_lines": { "$ref": "#/$defs/count" },
            "pools": {
              "type": "array",
              "minItems": 1,
              "maxItems": 2,
              "items": {
                "type": "object",
                "required": ["role", "restarts", "workers"],
                "properties": {
                  "role": { "enum": ["fetch", "process"] },
                  "restarts": {
                    "type": "object",
                    "propertyNames": {
                      "enum": ["signal", "exit", "oom", "deadline", "silent", "output", "cancelled"]
                    },
                    "additionalProperties": { "$ref": "#/$defs/count" }
                  },
                  "workers": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": ["id", "starts", "results", "starting_s", "waiting_s", "working_s"],
                      "properties": {
                        "id": { "$ref": "#/$defs/count" },
                        "starts": { "type": "integer", "minimum": 1 },
                        "results": { "$ref": "#/$defs/count" },
                        "starting_s": { "$ref": "#/$defs/duration" },
                        "waiting_s": { "$ref": "#/$defs/duration" },
                        "working_s": { "$ref": "#/$defs/duration" }
                      },
                      "additionalProperties": false
                    }
                  }
                },
                "additionalProperties": false
              }
            }
          },
          "additionalProperties": false,
          "$defs": {
            "count": { "type": "integer", "minimum": 0 },
            "duration": { "type": "number", "minimum": 0 },
            "time": {
              "type": "string",
              "format": "date-time",
              "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$"
            },
            "quantiles": {
              "type": "object",
              "properties": {
                "p50": { "$ref": "#/$defs/duration" },
                "p90": { "$ref": "#/$defs/duration" },
                "p99": { "$ref": "#/$defs/duration" },
                "max": { "$ref": "#/$defs/duration" }
              },
              "additionalProperties": false
            }
          }
        }
        """#
}
