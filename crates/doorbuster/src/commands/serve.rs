//! `doorbuster serve NAME`: one service of the shop, the inbox, or the load generator.

use crate::arguments::Serve;
use crate::commands::{interrupted, runtime};
use crate::exit::{Exit, UsageError};

pub(crate) fn run(arguments: &Serve) -> anyhow::Result<Exit> {
    runtime()?.block_on(async {
        let shutdown = interrupted()?;
        if arguments.service == "load-generator" {
            load::serve(load_options(arguments), shutdown).await?;
            return Ok(Exit::Pass);
        }
        let options = shop::ServeOptions { bind: arguments.bind, port: arguments.port };
        if arguments.service == inbox::SERVICE.name {
            inbox::serve(options, shutdown).await?;
            return Ok(Exit::Pass);
        }
        let name: shop::ServiceName = arguments.service.parse().map_err(|_| {
            let known: Vec<&str> = shop::ServiceName::ALL.iter().map(|s| s.name()).collect();
            UsageError(format!(
                "there is no service {:?}; there are {}, inbox, load-generator",
                arguments.service,
                known.join(", ")
            ))
        })?;
        shop::serve(name, options, shutdown).await?;
        Ok(Exit::Pass)
    })
}

fn load_options(arguments: &Serve) -> load::ServeOptions {
    load::ServeOptions {
        bind: arguments.bind,
        port: arguments.port,
        allow_targets: arguments.allow_target.clone(),
        ..load::ServeOptions::default()
    }
}
