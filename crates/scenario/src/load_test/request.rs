//! What a step sends, as templates.

use serde_json::Value;

use super::{SlotForm, Step, Template, TemplateMistake};
use crate::Stream;

impl Step {
    /// Path and query; slots in [`SlotForm::Url`].
    ///
    /// # Errors
    /// The path is no template: never in a test that was parsed.
    pub fn path_template(&self) -> Result<Template, TemplateMistake> {
        Template::parse(&self.path, SlotForm::Url)
    }

    /// The step's own headers, in their order, by name in lowercase; slots in [`SlotForm::Header`].
    ///
    /// # Errors
    /// The first value that is no template: never in a test that was parsed.
    pub fn header_templates(&self) -> Result<Vec<(String, Template)>, TemplateMistake> {
        headers(&self.headers)
    }

    /// The body, if it has one: `json` without blanks, slots in [`SlotForm::JsonValue`] where a text is nothing else and in
    /// [`SlotForm::JsonText`] within longer ones and in keys; or `body` as it is, slots in [`SlotForm::Plain`].
    ///
    /// # Errors
    /// The first text that is no template: never in a test that was parsed.
    pub fn body_template(&self) -> Result<Option<Template>, TemplateMistake> {
        match (&self.json, &self.body) {
            (Some(json), _) => {
                let mut template = Template::default();
                json_template(json, &mut template)?;
                Ok(Some(template))
            }
            (None, Some(body)) => Template::parse(body, SlotForm::Plain).map(Some),
            (None, None) => Ok(None),
        }
    }
}

impl Stream {
    /// The stream's further headers, in their order, by name in lowercase; slots in [`SlotForm::Header`].
    ///
    /// # Errors
    /// The first value that is no template: never in a file that was parsed.
    pub fn header_templates(&self) -> Result<Vec<(String, Template)>, TemplateMistake> {
        headers(&self.headers)
    }
}

fn headers(headers: &indexmap::IndexMap<String, String>) -> Result<Vec<(String, Template)>, TemplateMistake> {
    let read = |(name, value): (&String, &String)| {
        Template::parse(value, SlotForm::Header).map(|value| (name.to_ascii_lowercase(), value))
    };
    headers.iter().map(read).collect()
}

/// Adds `json`, serialized without blanks, to `out`.
fn json_template(json: &Value, out: &mut Template) -> Result<(), TemplateMistake> {
    match json {
        Value::String(text) => {
            let whole = Template::parse(text, SlotForm::JsonValue)?;
            if matches!(whole.0.as_slice(), [super::Piece::Slot(_)]) {
                out.extend(whole, str::to_owned);
            } else {
                json_text(text, out)?;
            }
        }
        Value::Array(items) => {
            out.push_text("[");
            for (position, item) in items.iter().enumerate() {
                out.push_text(if position > 0 { "," } else { "" });
                json_template(item, out)?;
            }
            out.push_text("]");
        }
        Value::Object(entries) => {
            out.push_text("{");
            for (position, (key, value)) in entries.iter().enumerate() {
                out.push_text(if position > 0 { "," } else { "" });
                json_text(key, out)?;
                out.push_text(":");
                json_template(value, out)?;
            }
            out.push_text("}");
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => out.push_text(&json.to_string()),
    }
    Ok(())
}

/// Adds a JSON string with slots in it.
fn json_text(text: &str, out: &mut Template) -> Result<(), TemplateMistake> {
    let template = Template::parse(text, SlotForm::JsonText)?;
    out.push_text("\"");
    out.extend(template, |text| {
        let quoted = Value::from(text).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    });
    out.push_text("\"");
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Piece, Slot};
    use super::*;

    fn step(json: Value) -> Step {
        serde_json::from_value(json).expect("a step")
    }

    /// Texts as they are, slots as `<name form>`.
    fn shown(template: &Template) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Slot(Slot { name, form }) => format!("<{name} {form:?}>"),
        };
        template.0.iter().map(piece).collect()
    }

    #[test]
    fn a_json_body_is_compact_and_a_text_that_is_one_slot_keeps_its_kind() {
        let body = json!({"id": "${product}", "note": "for ${user_id}: \"$${x}\"", "n": 1, "k${a}": [true, null, 1.5, "x"], "": {}});
        let step = step(json!({"path": "/", "json": body}));
        assert_eq!(
            shown(&step.body_template().expect("right").expect("a body")),
            r#"{"id":<product JsonValue>,"note":"for <user_id JsonText>: \"${x}\"","n":1,"k<a JsonText>":[true,null,1.5,"x"],"":{}}"#
        );
    }

    #[test]
    fn each_place_has_its_own_form() {
        let step = step(json!({"path": "/a/${x}?b=${y}", "headers": {"X-One": "v ${x}"}, "body": "<${x}>"}));
        assert_eq!(shown(&step.path_template().expect("right")), "/a/<x Url>?b=<y Url>");
        assert_eq!(shown(&step.body_template().expect("right").expect("a body")), "<<x Plain>>");
        let headers = step.header_templates().expect("right");
        assert_eq!((headers[0].0.as_str(), shown(&headers[0].1).as_str()), ("x-one", "v <x Header>"));
    }

    #[test]
    fn no_body_is_none_and_a_wrong_one_is_said() {
        assert_eq!(step(json!({"path": "/"})).body_template(), Ok(None));
        assert!(step(json!({"path": "/", "json": {"a": "${"}})).body_template().is_err());
        assert!(step(json!({"path": "/${a b}"})).path_template().is_err());
    }
}
