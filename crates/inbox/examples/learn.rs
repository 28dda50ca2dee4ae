//! Learns the built-in classifier's weights anew and writes `data/weights.tsv`: `cargo run -p inbox --example learn`.
//!
//! Prints the accuracy on the training mails by cross-validation; what counts, on mails never seen, is another command's.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/weights.tsv");
    std::fs::write(&file, inbox::learned_weights())?;
    let mut out = std::io::stdout();
    std::io::Write::write_fmt(
        &mut out,
        format_args!("wrote {}\n\n{}", file.display(), inbox::cross_validated_accuracy()),
    )
}
