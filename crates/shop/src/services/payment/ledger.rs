//! What was charged and refunded, and which request asked for it. Bounded: the oldest entries are forgotten.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::hash::Hash;

use chassis::input::{Field, Raw};
use uuid::Uuid;

use crate::domain::{IdempotencyKey, Money, UserId};

/// How many payments and how many idempotency keys are remembered: minutes of the heaviest traffic, a few megabytes.
const CAPACITY: usize = 10_000;

/// A payment's number; `pay-<uuid>` in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct PaymentId(Uuid);

impl fmt::Display for PaymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pay-{}", self.0)
    }
}

impl Field for PaymentId {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let uuid = raw.text()?.strip_prefix("pay-").and_then(|rest| Uuid::try_parse(rest).ok());
        uuid.map(Self).ok_or_else(|| "must be a payment such as `pay-01234567-...`".to_owned())
    }
}

/// What somebody is to be charged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Charge {
    pub(super) amount: Money,
    pub(super) currency: &'static str,
    pub(super) user_id: UserId,
    pub(super) card: Option<String>,
}

/// What came of a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Approved(PaymentId),
    Declined(&'static str),
}

/// The key belongs to a request that asked for something else.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the idempotency key was used for another payment")]
pub(super) struct KeyReused;

/// A payment that went through.
#[derive(Debug, Clone)]
struct Charged {
    amount: Money,
    key: Option<IdempotencyKey>,
    is_refunded: bool,
}

/// All payments that are remembered.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    by_key: Recent<IdempotencyKey, (Charge, Outcome)>,
    charged: Recent<PaymentId, Charged>,
}

impl Ledger {
    /// Charges, unless `decline_reason` says why not. The same key with the same charge gives the same outcome again.
    pub(super) fn charge(
        &mut self,
        key: Option<IdempotencyKey>,
        charge: &Charge,
        decline_reason: impl FnOnce(&Charge) -> Option<&'static str>,
    ) -> Result<Outcome, KeyReused> {
        if let Some((before, outcome)) = key.as_ref().and_then(|key| self.by_key.get(key)) {
            return if before == charge { Ok(*outcome) } else { Err(KeyReused) };
        }
        let outcome = match decline_reason(charge) {
            Some(why) => Outcome::Declined(why),
            None => {
                let id = PaymentId(Uuid::now_v7());
                self.charged.insert(id, Charged { amount: charge.amount, key: key.clone(), is_refunded: false });
                Outcome::Approved(id)
            }
        };
        if let Some(key) = key {
            // The card is needed to tell a repeated request from another one, and only as long as the key lives.
            self.by_key.insert(key, (charge.clone(), outcome));
        }
        Ok(outcome)
    }

    /// Gives a payment back and says how much it was; the second time too, without paying twice. `None` for a payment
    /// that is not remembered. Its key is free again: whoever repeats the request must be charged anew, or would have the
    /// goods for nothing.
    pub(super) fn refund(&mut self, id: PaymentId) -> Option<Money> {
        let charged = self.charged.entries.get_mut(&id)?;
        charged.is_refunded = true;
        if let Some(key) = charged.key.take() {
            self.by_key.forget(&key);
        }
        Some(charged.amount)
    }
}

/// A map that forgets its oldest entry when it is full.
#[derive(Debug)]
struct Recent<K, V> {
    entries: HashMap<K, V>,
    order: VecDeque<K>,
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new() }
    }
}

impl<K: Eq + Hash + Clone, V> Recent<K, V> {
    fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key)
    }

    /// Its place in the order stays, so a key that comes again may be forgotten early, and never kept for too long.
    fn forget(&mut self, key: &K) {
        self.entries.remove(key);
    }

    fn insert(&mut self, key: K, value: V) {
        if self.order.len() >= CAPACITY
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.entries.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charge(cents: i64) -> Charge {
        let user_id = UserId::read(Raw::Text("user-0001")).unwrap();
        Charge { amount: Money::from_cents(cents), currency: "USD", user_id, card: None }
    }

    fn key(text: &str) -> Option<IdempotencyKey> {
        Some(IdempotencyKey::read(Raw::Text(text)).unwrap())
    }

    #[test]
    fn a_repeated_key_charges_once_and_a_reused_one_is_refused() {
        let mut ledger = Ledger::default();
        let first = ledger.charge(key("a"), &charge(100), |_| None).unwrap();
        assert_eq!(ledger.charge(key("a"), &charge(100), |_| None), Ok(first));
        assert_eq!(ledger.charge(key("a"), &charge(200), |_| None), Err(KeyReused));
        assert_ne!(ledger.charge(key("b"), &charge(100), |_| None), Ok(first));
        assert_ne!(ledger.charge(None, &charge(100), |_| None), ledger.charge(None, &charge(100), |_| None));
    }

    #[test]
    fn a_decline_is_repeated_too_and_charges_nothing() {
        let mut ledger = Ledger::default();
        let declined = Ok(Outcome::Declined("no"));
        assert_eq!(ledger.charge(key("a"), &charge(100), |_| Some("no")), declined);
        assert_eq!(ledger.charge(key("a"), &charge(100), |_| None), declined);
        assert!(ledger.charged.entries.is_empty());
    }

    #[test]
    fn a_refund_gives_back_what_was_charged() {
        let mut ledger = Ledger::default();
        let Ok(Outcome::Approved(id)) = ledger.charge(None, &charge(100), |_| None) else { panic!("declined") };
        assert!(!ledger.charged.entries[&id].is_refunded);
        assert_eq!(ledger.refund(id), Some(Money::from_cents(100)));
        assert!(ledger.charged.entries[&id].is_refunded);
        assert_eq!(ledger.refund(PaymentId(Uuid::now_v7())), None);
    }

    #[test]
    fn a_key_whose_payment_was_given_back_charges_anew() {
        let mut ledger = Ledger::default();
        let Ok(Outcome::Approved(first)) = ledger.charge(key("a"), &charge(100), |_| None) else { panic!("declined") };
        assert_eq!(ledger.refund(first), Some(Money::from_cents(100)));
        let Ok(Outcome::Approved(second)) = ledger.charge(key("a"), &charge(100), |_| None) else { panic!("declined") };
        assert_ne!(first, second);
        // Given back twice by mistake, the first refund must not free the key of the second payment.
        assert_eq!(ledger.refund(first), Some(Money::from_cents(100)));
        assert_eq!(ledger.charge(key("a"), &charge(100), |_| None), Ok(Outcome::Approved(second)));
    }

    #[test]
    fn the_ledger_does_not_grow_without_bound() {
        let mut ledger = Ledger::default();
        for number in 0..CAPACITY + 10 {
            ledger.charge(key(&number.to_string()), &charge(100), |_| None).unwrap();
        }
        assert_eq!(ledger.by_key.entries.len(), CAPACITY);
        assert_eq!(ledger.charged.entries.len(), CAPACITY);
    }
}
