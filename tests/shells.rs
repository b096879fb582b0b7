//! What shells and `man` read: made by the program, and held against the programs that will read it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Dir, disputed, installed};

/// Runs to a success in silence.
fn silent(command: &mut Command) {
    let output = command.output().expect("the program starts");
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success() && said.is_empty(), "{command:?}: {}", String::from_utf8_lossy(&said));
}

#[test]
fn every_shell_understands_its_completions() {
    let dir = Dir::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = disputed(["completions", shell]).succeed();
        let script = dir.write(format!("completions.{shell}"), script);
        if installed(shell) {
            silent(Command::new(shell).arg("-n").arg(script));
        }
    }
    assert!(disputed(["completions", "bsh"]).fail(64).contains("a similar value exists: 'bash'"));
}

#[test]
fn bash_completes_commands_options_and_values() {
    if !installed("bash") {
        return;
    }
    let dir = Dir::new();
    let script = dir.write("completions", disputed(["completions", "bash"]).succeed());
    for (words, expected) in [
        ("disputed re", "retry reload"),
        ("disputed corpus con", "convert"),
        ("disputed corpus convert --to f", "fasttext folders"),
        ("disputed run --qu", "--quiet"),
        ("disputed completions z", "zsh"),
    ] {
        let call = format!(
            "source {}; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             _disputed disputed \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\"; echo ${{COMPREPLY[@]}}",
            script.display()
        );
        let output = Command::new("bash").args(["-c", &call]).output().expect("bash");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{expected}\n"), "{words}: {said}");
    }
}

/// Has a formatter read a page; it must have nothing to say.
fn lint(page: &Path) {
    if installed("groff") {
        silent(Command::new("groff").args(["-Kutf8", "-man", "-ww", "-z", "-Tutf8"]).arg(page));
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let dir = Dir::new();
    disputed(["man"]).arg(dir.path("share/man1")).succeed();
    let names = dir.names("share/man1");
    let expected = [
        "disputed-check.1",
        "disputed-classify.1",
        "disputed-completions.1",
        "disputed-corpus-convert.1",
        "disputed-corpus.1",
        "disputed-eval.1",
        "disputed-explain.1",
        "disputed-man.1",
        "disputed-model-show.1",
        "disputed-model.1",
        "disputed-reload.1",
        "disputed-retry.1",
        "disputed-run.1",
        "disputed-scan.1",
        "disputed-status.1",
        "disputed-trace.1",
        "disputed-train.1",
        "disputed.1",
    ];
    assert_eq!(names, expected);
    names.iter().for_each(|name| lint(&dir.path("share/man1").join(name)));
    let main = disputed(["man"]).succeed();
    assert!(fs::read(dir.path("share/man1/disputed.1")).expect("a page") == main);
    let main = String::from_utf8(main).expect("UTF-8");
    for part in [".TH disputed 1", ".SH SYNOPSIS", "disputed\\-corpus(1)", "DISPUTED_QUIET", "Exit codes: 0 done;"] {
        assert!(main.contains(part), "{part} in {main}");
    }
}
