//! Keys and clicks, as people make them.

use serde_json::{Value, json};

use super::driver::Browser;

/// Keys that are no letters, by the protocol's own letters for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Enter,
    Escape,
    Tab,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    Control,
}

impl Key {
    fn letter(self) -> char {
        match self {
            Self::Enter => '\u{E007}',
            Self::Escape => '\u{E00C}',
            Self::Tab => '\u{E004}',
            Self::Up => '\u{E013}',
            Self::Down => '\u{E015}',
            Self::Left => '\u{E012}',
            Self::Right => '\u{E014}',
            Self::Home => '\u{E011}',
            Self::End => '\u{E010}',
            Self::Control => '\u{E009}',
        }
    }
}

impl Browser {
    /// Presses the keys of `letters`, one after the other, wherever the focus is.
    pub(crate) async fn keys(&self, letters: &str) {
        let strokes = letters.chars().flat_map(|letter| [down(letter), up(letter)]).collect();
        self.strokes(strokes).await;
    }

    /// Presses one key.
    pub(crate) async fn key(&self, key: Key) {
        self.strokes(vec![down(key.letter()), up(key.letter())]).await;
    }

    /// Presses one key while another is held.
    pub(crate) async fn chord(&self, held: Key, key: Key) {
        let (held, key) = (held.letter(), key.letter());
        self.strokes(vec![down(held), down(key), up(key), up(held)]).await;
    }

    async fn strokes(&self, strokes: Vec<Value>) {
        self.command("actions", json!({"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]})).await;
    }

    /// Clicks in the middle of the first place that `selector` finds; a panic if it finds none or something covers it.
    pub(crate) async fn click(&self, selector: &str) {
        let id = self.element(selector).await;
        self.command(&format!("element/{id}/click"), json!({})).await;
    }

    /// Clicks at a place of the window, in pixels from its left upper corner.
    pub(crate) async fn click_at(&self, x: i64, y: i64) {
        let moves = json!([
            {"type": "pointerMove", "duration": 0, "x": x, "y": y, "origin": "viewport"},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]);
        self.command("actions", json!({"actions": [{"type": "pointer", "id": "mouse", "actions": moves}]})).await;
    }

    /// Types into a field, after what is there was taken out.
    pub(crate) async fn fill(&self, selector: &str, text: &str) {
        let id = self.element(selector).await;
        self.command(&format!("element/{id}/clear"), json!({})).await;
        self.command(&format!("element/{id}/value"), json!({ "text": text })).await;
    }

    async fn element(&self, selector: &str) -> String {
        let found = self.command("element", json!({"using": "css selector", "value": selector})).await;
        let id = found.as_object().and_then(|found| found.values().next()).and_then(Value::as_str);
        id.unwrap_or_else(|| panic!("{selector}: {found}")).to_owned()
    }
}

fn down(letter: char) -> Value {
    json!({"type": "keyDown", "value": letter})
}

fn up(letter: char) -> Value {
    json!({"type": "keyUp", "value": letter})
}
