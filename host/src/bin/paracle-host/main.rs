//! The command line: the only place that knows of flags, standard output and exit codes. Thin over the library.

mod beginning;
mod cli;
mod commands;
mod context;
mod exit;
mod hints;
mod log;
mod output;
mod samples;
mod strategy;
mod threads;
mod waiting;
mod walled;

use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::EnvFilter;

use cli::Cli;
use exit::Failure;

fn main() -> ExitCode {
    let code = run();
    log::flush();
    code
}

fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misused(&error),
    };
    observe(cli.verbose);
    let json = cli.context.json;
    hints::lead_to(&cli.context.named());
    let done = cli
        .context
        .check_words(std::env::args_os().skip(1))
        .and_then(|()| cli.run());
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report(&failure, json),
    }
}

/// Shows help where it was asked for, and what is wrong with the words otherwise.
fn misused(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return match output::text(&error.render().to_string()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => report(&failure, false),
        };
    }
    output::tell(error.render().to_string().trim_end());
    let text = error.render().to_string();
    let sentence = text.lines().next().unwrap_or_default();
    let failure = Failure::usage(sentence.strip_prefix("error: ").unwrap_or(sentence));
    // What could not be parsed cannot say whether a program reads: its words do.
    if std::env::args_os().any(|word| word == "--json") {
        output::json(&failure.document()).unwrap_or_default();
    }
    failure.code()
}

fn report(failure: &Failure, json: bool) -> ExitCode {
    if json && !failure.is_told() {
        // A failure to say it changes nothing about what failed.
        output::json(&failure.document()).unwrap_or_default();
    }
    output::tell(&format!("error: {}", output::printable(&failure.message())));
    failure.code()
}

/// Writes what happens to standard error: warnings, and with each `-v` more. A panic becomes one line there.
fn observe(verbose: u8) {
    let levels = match verbose {
        // What a guest prints to its standard error is a warning, and it may print much.
        0 => "warn,plugin=error",
        1 => "warn,paracle_host=info,plugin=info,http=info",
        _ => "info,paracle_host=debug,plugin=trace",
    };
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(levels))
        .with_writer(|| log::Log)
        .with_ansi(false)
        .with_target(false)
        .without_time()
        .compact()
        .init();
    std::panic::set_hook(Box::new(|panic| {
        tracing::error!(
            "{}; this is a bug, please report it",
            panic.to_string().replace('\n', " ")
        );
        log::flush();
    }));
}
