//! Who shops, and with which cart.

use chassis::input::Fields;

use crate::domain::{CartId, UserId};

/// A customer: named, or a guest.
#[derive(Debug)]
pub(super) struct Shopper {
    pub(super) user: UserId,
    pub(super) cart_id: CartId,
}

impl Shopper {
    /// Reads `user_id` and `cart_id`, both optional: who is not named is a guest, and a user's cart is called after the
    /// user. `None` means that a mistake was noted.
    pub(super) fn read(fields: &mut Fields) -> Option<Self> {
        let (user, cart_id) = (fields.optional::<UserId>("user_id"), fields.optional::<CartId>("cart_id"));
        let user = user?.unwrap_or_else(UserId::guest);
        Some(Self { cart_id: cart_id?.unwrap_or_else(|| CartId::of(&user)), user })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(body: Value) -> Result<(String, String), String> {
        let mut fields = Fields::of_body(body.as_object().cloned().unwrap());
        let shopper = (Shopper::read(&mut fields),);
        let (shopper,) = fields.finish(shopper).map_err(|mistakes| mistakes.to_string())?;
        Ok((shopper.user.to_string(), shopper.cart_id.to_string()))
    }

    #[test]
    fn a_shopper_is_whoever_is_named_with_the_cart_that_is_named() {
        let table = [
            (json!({}), "guest", "guest"),
            (json!({"user_id": "ada"}), "ada", "ada"),
            (json!({"cart_id": "c-1"}), "guest", "c-1"),
            (json!({"user_id": "ada", "cart_id": "c-1"}), "ada", "c-1"),
        ];
        for (body, user, cart) in table {
            assert_eq!(read(body.clone()), Ok((user.to_owned(), cart.to_owned())), "{body}");
        }
        let both = read(json!({"user_id": "", "cart_id": "a b"})).unwrap_err();
        assert!(both.contains("user_id") && both.contains("cart_id"), "{both}");
    }
}
