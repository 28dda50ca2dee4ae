//! The file's JSON Schema, for editors. The parser is the authority; a test keeps the field names in step.

use serde_json::{Value, json};

/// JSON Schema (2020-12) of a monitor file.
pub fn json_schema() -> Value {
    let identifier = json!({"type": "string", "pattern": "^[a-z][a-z0-9-]{0,63}$"});
    let duration = json!({
        "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?(ms|s|m|h)$",
        "description": "number and unit; scaled by the speed of a run"
    });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Doorbuster monitors",
        "type": "object",
        "additionalProperties": false,
        "required": ["monitors"],
        "properties": {
            "monitors": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/monitor"}},
            "flows": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/flow"}}
        },
        "$defs": {
            "key": identifier,
            "duration": duration,
            "priority": {"enum": ["p1", "p2", "p3", "p4"]},
            "group_by": {"enum": ["traffic.type"]},
            "monitor": {
                "type": "object", "additionalProperties": false, "required": ["key", "when"],
                "properties": {
                    "key": {"$ref": "#/$defs/key"},
                    "name": {"type": "string"},
                    "priority": {"$ref": "#/$defs/priority"},
                    "runbook": {"type": "string"},
                    "group_by": {"$ref": "#/$defs/group_by"},
                    "when": {"$ref": "#/$defs/condition"},
                    "for": {"$ref": "#/$defs/duration"},
                    "keep_firing": {"$ref": "#/$defs/duration"},
                    "no_data": {"enum": ["resolve", "hold", "fire"]}
                }
            },
            "condition": {
                "oneOf": [{"$ref": "#/$defs/key"}, {"$ref": "#/$defs/composite"}, {"$ref": "#/$defs/threshold"}]
            },
            "composite": {
                "type": "object", "additionalProperties": false, "minProperties": 1, "maxProperties": 1,
                "properties": {
                    "monitor": {"$ref": "#/$defs/key"},
                    "all": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/condition"}},
                    "any": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/condition"}},
                    "not": {"$ref": "#/$defs/condition"}
                }
            },
            "threshold": {
                "type": "object", "additionalProperties": false, "required": ["window"],
                "oneOf": [{"required": ["spans", "measure"]}, {"required": ["logs"]}],
                "properties": {
                    "spans": {
                        "type": "object", "additionalProperties": false,
                        "properties": {
                            "service": {"type": "string"},
                            "operation": {"type": "string"},
                            "kind": {"enum": ["internal", "server", "client", "producer", "consumer"]},
                            "status": {"enum": ["ok", "error"]},
                            "traffic_type": {"type": "string"}
                        }
                    },
                    "logs": {
                        "type": "object", "additionalProperties": false,
                        "properties": {
                            "service": {"type": "string"},
                            "event": {"type": "string"},
                            "severity": {"enum": ["debug", "info", "warn", "error", "fatal"]},
                            "traffic_type": {"type": "string"}
                        }
                    },
                    "measure": {"enum": [
                        "count", "rate_per_minute", "error_rate", "p50_ms", "p95_ms", "p99_ms", "http_error_rate", "share", "mean"
                    ]},
                    "flag": {"type": "string", "description": "boolean span attribute, with measure: share"},
                    "attribute": {"type": "string", "description": "numeric span attribute, with measure: mean"},
                    "window": {"$ref": "#/$defs/duration"},
                    "above": {"$ref": "#/$defs/limit"},
                    "below": {"$ref": "#/$defs/limit"},
                    "recover": {"oneOf": [{"type": "number", "minimum": 0}, {"$ref": "#/$defs/times"}]},
                    "min_samples": {"type": "integer", "minimum": 0}
                }
            },
            "limit": {
                "oneOf": [
                    {"type": "number", "minimum": 0},
                    {
                        "type": "object", "additionalProperties": false, "required": ["times_baseline", "learn"],
                        "properties": {
                            "times_baseline": {"type": "number", "exclusiveMinimum": 0},
                            "learn": {"$ref": "#/$defs/duration"}
                        }
                    }
                ]
            },
            "times": {
                "type": "object", "additionalProperties": false, "required": ["times_baseline"],
                "properties": {"times_baseline": {"type": "number", "exclusiveMinimum": 0}}
            },
            "flow": {
                "type": "object", "additionalProperties": false, "required": ["key", "stages"],
                "properties": {
                    "key": {"$ref": "#/$defs/key"},
                    "name": {"type": "string"},
                    "priority": {"$ref": "#/$defs/priority"},
                    "runbook": {"type": "string"},
                    "group_by": {"$ref": "#/$defs/group_by"},
                    "stages": {"type": "array", "minItems": 2, "items": {"$ref": "#/$defs/stage"}},
                    "held": {"$ref": "#/$defs/duration"},
                    "keep_firing": {"$ref": "#/$defs/duration"}
                }
            },
            "stage": {
                "type": "object", "additionalProperties": false, "required": ["when"],
                "properties": {
                    "name": {"type": "string"},
                    "when": {"$ref": "#/$defs/condition"},
                    "within": {"$ref": "#/$defs/duration"}
                }
            }
        }
    })
}
