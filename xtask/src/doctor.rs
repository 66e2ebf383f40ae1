//! `cargo xtask doctor`: what is wrong, all of it, with what to do. Rule: it installs and changes nothing. The tools are
//! looked at here; the settings, the database and the providers by the server itself, which knows them.

use std::process::{Command, ExitCode, Stdio};

use crate::failure::{Failure, Result};
use crate::process::output;
use crate::project::{Project, SERVER, cargo};
use crate::{database, prerequisites, wasm_target};

/// Something that has to be on this machine.
struct Tool {
    name: &'static str,
    /// Where it is not well, what to do.
    problem: Option<String>,
}

/// Looks at the tools, builds the server if they allow it, and has it look at the rest.
pub fn command(project: &Project, options: &[String]) -> Result<ExitCode> {
    let is_json = match options {
        [] => false,
        [option] if option == "--json" => true,
        _ => return Err(Failure::new("`cargo xtask doctor` takes no option but --json.")),
    };
    let tools = tools();
    if !is_json {
        for Tool { name, problem } in &tools {
            match problem {
                None => println!("✓ {name} is there"),
                Some(problem) => println!("✗ {name} is not well: {problem}"),
            }
        }
    }
    let mut server = Command::new(cargo());
    let features = [&["dev"], &*database::features(project)].concat().join(",");
    server.args(["run", "--quiet", "--package", SERVER, "--features", &features, "--", "doctor"]);
    server.args(options).current_dir(project.path("")).stderr(Stdio::inherit());
    let answer = server.stdout(if is_json { Stdio::piped() } else { Stdio::inherit() }).output();
    let answer = answer.map_err(Failure::because("Cannot start cargo"))?;
    if is_json {
        println!("{}", json(&tools, &String::from_utf8_lossy(&answer.stdout)));
    }
    let is_well = tools.iter().all(|tool| tool.problem.is_none()) && answer.status.success();
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tools() -> Vec<Tool> {
    let rustc = output(Command::new("rustc").arg("--version"), "install it from https://rustup.rs");
    let target = format!("`rustup target add {}` installs it", wasm_target::TARGET);
    vec![
        Tool { name: "rustc", problem: rustc.err().map(|failure| failure.to_string()) },
        Tool { name: "what is built from C", problem: prerequisites::check().err().map(|it| it.to_string()) },
        Tool { name: "the browser's compile target", problem: (!wasm_target::is_there()).then_some(target) },
    ]
}

/// Both halves as one object. Without an answer of the server, which cargo has explained, its half is `null`.
fn json(tools: &[Tool], server: &str) -> String {
    let tools: Vec<_> = tools
        .iter()
        .map(|tool| {
            let problem = tool.problem.as_ref().map_or_else(|| "null".to_owned(), |text| quoted(text));
            format!("{{\"name\": {}, \"problem\": {problem}}}", quoted(tool.name))
        })
        .collect();
    let server = if server.trim().is_empty() { "null" } else { server.trim() };
    format!("{{\"tools\": [{}], \"server\": {server}}}", tools.join(", "))
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            control if control.is_control() => quoted.push(' '),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::{Tool, json};

    #[test]
    fn both_halves_are_one_object() {
        let tools = [
            Tool { name: "rustc", problem: None },
            Tool { name: "C", problem: Some("say \"apt\"\nnow".to_owned()) },
        ];
        assert_eq!(
            json(&tools, "{\"ok\": true}\n"),
            r#"{"tools": [{"name": "rustc", "problem": null}, {"name": "C", "problem": "say \"apt\"\nnow"}], "server": {"ok": true}}"#
        );
        assert!(json(&[], "").ends_with("\"server\": null}"));
    }
}
