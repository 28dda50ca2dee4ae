//! Application Default Credentials, with a service account's key: Google's token service is a server on this machine, everything
//! else is real. They are found through the environment, so the one who asks is a process of its own.

use std::process::Stdio;

use super::stub::{Says, Seen};
use super::*;

/// Where the process that asks finds the server.
const STUB_URL: &str = "INBOX_TEST_STUB_URL";
const ASKS: &str = "gateway::tests::credentials::asks_with_what_the_environment_gives";

#[tokio::test]
async fn a_service_accounts_key_is_traded_for_a_token_once_and_requests_carry_it() {
    let folder = tempfile::tempdir().unwrap();
    let pem = folder.path().join("key.pem");
    let mut openssl = tokio::process::Command::new("openssl");
    openssl.args(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out"]).arg(&pem);
    let made = openssl.stderr(Stdio::null()).status().await.expect("openssl is installed");
    assert!(made.success());

    let token = r#"{"access_token":"ya29.hunter2","expires_in":3600,"token_type":"Bearer"}"#;
    let offer = Says::ok(Way::Vertex.says(OFFER));
    let stub = Stub::start([Says::ok(token), offer.clone(), offer]).await;
    let account = serde_json::json!({
        "type": "service_account", "project_id": "my-project", "client_email": "inbox@my-project.iam.gserviceaccount.com",
        "private_key_id": "1", "private_key": std::fs::read_to_string(&pem).unwrap(),
        "token_uri": format!("{}/token", stub.url()),
    });
    let file = folder.path().join("account.json");
    std::fs::write(&file, account.to_string()).unwrap();

    let mut asks = tokio::process::Command::new(std::env::current_exe().unwrap());
    asks.args([ASKS, "--exact", "--ignored"]).env("GOOGLE_APPLICATION_CREDENTIALS", &file).env(STUB_URL, stub.url());
    let output = asks.kill_on_drop(true).output().await.unwrap();
    let output = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.contains("1 passed"), "{output}");
    assert!(!output.contains("hunter2"), "{output}");

    let seen = stub.seen();
    let paths: Vec<&str> = seen.iter().map(|seen| seen.path.rsplit('/').next().unwrap()).collect();
    assert_eq!(paths, ["token", "gemini-2.5-flash:generateContent", "gemini-2.5-flash:generateContent"]);
    let proof = |seen: &Seen| seen.header("authorization").map(str::to_owned);
    assert_eq!(seen.iter().skip(1).map(proof).collect::<Vec<_>>(), vec![Some("Bearer ya29.hunter2".to_owned()); 2]);
}

/// The process of its own.
#[tokio::test]
#[ignore = "started by the test above, with credentials in its environment"]
async fn asks_with_what_the_environment_gives() {
    let url = std::env::var(STUB_URL).expect("the test above gives it");
    let vars = [
        ("USE_GEMINI_FOR_CLASSIFY", "1".to_owned()),
        ("GOOGLE_CLOUD_PROJECT", "my-project".to_owned()),
        ("GEMINI_BASE_URL", url),
    ];
    let gateway = Gateway::new(config(&vars), nobody);
    for _ in 0..2 {
        assert_eq!(classify(&gateway).await.unwrap().answer, offer());
    }
}
