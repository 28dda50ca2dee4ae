//! Addresses within the console.

/// A path with a query; fields without a value are left out.
pub(crate) fn link<'a>(path: &str, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut address = path.to_owned();
    let mut sign = '?';
    for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
        address.push(sign);
        address.push_str(name);
        address.push('=');
        address.extend(value.bytes().map(escaped));
        sign = '&';
    }
    address
}

/// A byte in a query, percent-encoded unless it is a letter, a digit or one of `-._~`.
fn escaped(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_is_left_out_and_what_is_odd_is_encoded() {
        assert_eq!(link("/logs", [("service", ""), ("text", "")]), "/logs");
        assert_eq!(
            link("/logs", [("service", "a&b"), ("x", ""), ("text", "ü /")]),
            "/logs?service=a%26b&text=%C3%BC%20%2F"
        );
    }
}
