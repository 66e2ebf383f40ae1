//! The program: settings, log, server. Everything else is in the library, so that tests can start it too.

use std::process::ExitCode;

use leptos_auth_server::{
    command::{self, Command, USAGE},
    config, shutdown,
    startup::Application,
    telemetry, tls,
};

fn main() -> ExitCode {
    // Before the first thread: `.env` ends up in the environment, which threads must not see change.
    let file = config::load_env_file();
    telemetry::init();
    tls::install();
    let result = file.map_err(|problems| problems.to_string()).and_then(|()| run());
    if let Err(problems) = result.as_ref()
        && !problems.is_empty()
    {
        eprintln!("{}", problems.trim_end());
    }
    if result.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[tokio::main]
async fn run() -> Result<(), String> {
    match Command::parse(std::env::args_os().skip(1)) {
        Some(Command::Serve) => serve().await.map_err(|problems| problems.to_string()),
        Some(Command::Doctor { is_json }) => command::doctor(&config::environment(), is_json).await,
        Some(Command::Migrate) => command::migrate(&config::environment()).await,
        Some(Command::Backup(file)) => command::backup(&config::environment(), file).await,
        Some(Command::ExportAudit { since }) => command::export_audit(&config::environment(), since).await,
        Some(Command::ResetTwoFactor(user)) => command::reset_two_factor(&config::environment(), &user).await,
        Some(Command::CopyDatabase { from, to }) => {
            command::copy_database(&config::environment(), &from, &to).await
        }
        None => Err(USAGE.to_owned()),
    }
}

async fn serve() -> Result<(), config::Problems> {
    let application = Application::build(&config::environment()).await?;
    let stop = shutdown::requested();
    application.announce();
    application.serve(stop).await;
    Ok(())
}
