//! The document itself.

use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use crate::openapi::fields::describe;
use crate::openapi::operation::{Answered, Method, Operation};
use crate::openapi::routes::ROUTES;

/// The OpenAPI 3.1 document of everything under `/api`.
pub(crate) fn document() -> Value {
    let mut settings = SchemaSettings::draft2020_12().for_serialize();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut answers = SchemaGenerator::new(settings);
    let mut paths: Map<String, Value> = Map::new();
    for operation in ROUTES {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method.word().to_lowercase()] = described(operation, &mut answers);
    }
    let mut schemas = answers.take_definitions(true);
    schemas.insert("Error".into(), error());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Doorbuster console",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What the console's pages show, as JSON. It listens on this machine alone and asks for no key.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": tags(),
        "paths": paths,
        "components": {"schemas": schemas},
    })
}

/// What belongs together, in the table's order.
fn tags() -> Vec<Value> {
    let mut tags: Vec<&str> = Vec::new();
    for operation in ROUTES {
        if !tags.contains(&operation.tag) {
            tags.push(operation.tag);
        }
    }
    tags.into_iter().map(|name| json!({"name": name})).collect()
}

fn error() -> Value {
    json!({
        "description": "What was wrong, and what to do about it.",
        "type": "object",
        "required": ["error"],
        "properties": {"error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "description": "In one word, for programs."},
                "message": {"type": "string", "description": "For people, with the remedy."},
            },
        }},
    })
}

fn described(operation: &Operation, answers: &mut SchemaGenerator) -> Value {
    let in_path = operation.parameters().map(|name| parameter(operation.path, name, "path", true));
    let in_query =
        operation.fields.iter().map(|name| parameter(operation.path, name, "query", operation.required.contains(name)));
    let mut described = json!({
        "operationId": operation_id(operation),
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": in_path.chain(in_query).collect::<Vec<_>>(),
        "responses": {
            "default": {
                "description": "It cannot be answered",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
            },
        },
    });
    let (status, answer) = match operation.answered {
        Answered::Json(schema) => {
            let mut content = json!({"application/json": {"schema": schema(answers)}});
            for media_type in operation.other_types {
                content[*media_type] = json!({});
            }
            ("200", json!({"description": operation.summary, "content": content}))
        }
        Answered::Other(media_type) => ("200", json!({"description": operation.summary, "content": {media_type: {}}})),
        Answered::Nothing => ("204", json!({"description": "It was taken"})),
    };
    described["responses"][status] = answer;
    if let Some(schema) = operation.body {
        // What may be left out is not the same on the way in: these schemas stand by themselves.
        let mut settings = SchemaSettings::draft2020_12().for_deserialize();
        settings.inline_subschemas = true;
        settings.meta_schema = None;
        let schema = schema(&mut SchemaGenerator::new(settings));
        described["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": schema}}});
    }
    described
}

fn parameter(path: &str, name: &str, place: &str, is_required: bool) -> Value {
    let (schema, description) = describe(path, name).unwrap_or((json!({"type": "string"}), ""));
    json!({"name": name, "in": place, "required": is_required, "description": description, "schema": schema})
}

/// `getTracesRows`: the method and the words of the path.
fn operation_id(operation: &Operation) -> String {
    let method = match operation.method {
        Method::Get => "get",
        Method::Post => "post",
    };
    let words = operation.path.trim_start_matches("/api/").split(['/', '.', '_']).map(|word| {
        let word = word.trim_matches(['{', '}']);
        word[..1].to_uppercase() + &word[1..]
    });
    format!("{method}{}", words.collect::<String>())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// Every path under `/api` that a source file of `web` gives to a router, with the method.
    fn routed() -> BTreeSet<(String, Method)> {
        fn read(folder: &Path, found: &mut BTreeSet<(String, Method)>) {
            for entry in std::fs::read_dir(folder).expect("the folder is there") {
                let path = entry.expect("it can be read").path();
                if path.is_dir() {
                    read(&path, found);
                    continue;
                }
                let source = std::fs::read_to_string(&path).expect("a source file");
                for route in source.split(".route(").skip(1) {
                    let Some(path) = route.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next())
                    else {
                        panic!("{}: a route whose path is no text cannot be checked", path.display());
                    };
                    if path.starts_with("/api/") {
                        let handlers = route.lines().next().unwrap_or_default();
                        let methods = [("get(", Method::Get), ("post(", Method::Post)];
                        let asked = methods.iter().filter(|(word, _)| handlers.contains(word));
                        found.extend(asked.map(|(_, method)| (path.to_owned(), *method)));
                    }
                }
            }
        }
        let mut found = BTreeSet::new();
        read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web"), &mut found);
        found
    }

    #[test]
    fn every_route_is_described_and_nothing_else_is() {
        let described: BTreeSet<_> =
            ROUTES.iter().map(|operation| (operation.path.to_owned(), operation.method)).collect();
        assert_eq!(routed(), described, "left: what routers have; right: what `openapi/routes.rs` describes");
        assert_eq!(described.len(), ROUTES.len(), "nothing twice");
    }

    #[test]
    fn every_parameter_has_a_description() {
        for operation in ROUTES {
            for name in operation.parameters().chain(operation.fields.iter().copied()) {
                assert!(describe(operation.path, name).is_some(), "{}: {name}", operation.path);
            }
            assert!(operation.required.iter().all(|name| operation.fields.contains(name)), "{}", operation.path);
        }
    }

    #[test]
    fn identifiers_of_operations_are_unique() {
        let ids: BTreeSet<String> = ROUTES.iter().map(operation_id).collect();
        assert_eq!(ids.len(), ROUTES.len());
        assert!(ids.contains("getTracesTraceIdRows"), "{ids:?}");
    }
}
