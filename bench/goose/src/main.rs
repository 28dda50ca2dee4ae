//! One scenario of one request, as fast as its users can or as `--throttle-requests` lets them.

use goose::prelude::*;

#[tokio::main]
async fn main() -> Result<(), GooseError> {
    GooseAttack::initialize()?
        .register_scenario(scenario!("bench").register_transaction(transaction!(get)))
        .execute()
        .await?;
    Ok(())
}

async fn get(user: &mut GooseUser) -> TransactionResult {
    user.get("/products").await?;
    Ok(())
}
