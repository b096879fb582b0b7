//! What the program is told: options, environment, configuration file; and what it says when that is wrong.

use std::fs;

use crate::support::{Dir, TARIFFS, disputed, records};

#[test]
fn options_come_before_the_environment_before_the_file() {
    let dir = Dir::new();
    let file = dir.write("disputed.toml", "no-text = true\nmax-bytes = 10\n");
    let classify = || disputed(["classify"]).env("DISPUTED_CONFIG", &file).stdin(TARIFFS);
    assert!(classify().fail(65).contains("too-large"));
    let line = classify().env("DISPUTED_MAX_BYTES", "100000").succeed();
    assert!(records(&line)[0]["paragraphs"][0].get("text").is_none(), "from the file");
    let line = classify()
        .env("DISPUTED_MAX_BYTES", "20")
        .env("DISPUTED_NO_TEXT", "false")
        .args(["--max-bytes", "100000"])
        .succeed();
    assert!(records(&line)[0]["paragraphs"][0].get("text").is_some(), "from the environment");
}

#[test]
fn unknown_keys_are_errors() {
    let dir = Dir::new();
    let file = dir.write("disputed.toml", "inbox = [\"/srv\"]\nquite = 2\n");
    let said = disputed(["check", "--config"]).arg(&file).fail(78);
    let place = file.display();
    assert_eq!(said, format!("disputed: {place}: line 2: unknown key `quite`; did you mean `quiet`?\n"));
    let file = dir.write("disputed.toml", "[colour]\n");
    let said = disputed(["check", "--config"]).arg(&file).fail(78);
    assert!(said.contains("line 1: unknown key `colour`; expected one of inbox, sink, "), "{said}");
    let file = dir.write("disputed.toml", "quiet = \"soon\"\n");
    let said = disputed(["check", "--config"]).arg(&file).fail(78);
    assert!(said.contains("line 1, column 9") && said.contains("expected f64"), "{said}");
    let said = disputed(["classify"]).env("DISPUTED_QUITE", "2").fail(78);
    assert_eq!(said, "disputed: DISPUTED_QUITE is no setting of disputed; did you mean DISPUTED_QUIET?\n");
    let said = disputed(["classify"]).env("DISPUTED_COLOUR", "2").fail(78);
    assert_eq!(said, "disputed: DISPUTED_COLOUR is no setting of disputed; see `disputed --help`\n");
    assert!(disputed(["run", "--quite", "2"]).fail(64).contains("--quiet"), "a hint");
    assert!(disputed(["classify", "--log", "inof"]).fail(78).contains("\"inof\" is no level; expected a level"));
}

#[test]
fn check_says_that_all_is_well_and_leaves_nothing_behind() {
    let dir = Dir::new();
    let check = || disputed(["check", "--inbox"]).arg(dir.inbox()).arg("--sink").arg(dir.sink());
    let said = String::from_utf8(check().succeed()).expect("UTF-8");
    assert_eq!(said, "the configuration is sound: folders, sink and model can be used\n");
    assert_eq!(fs::read_dir(dir.inbox()).expect("an inbox").count(), 0);
    assert!(!dir.sink().exists());
    let daemon = dir.run().start();
    check().succeed();
    daemon.stop();
}

#[test]
fn check_refuses_what_could_not_run() {
    let dir = Dir::new();
    fs::create_dir_all(dir.path("other/deep")).expect("a folder");
    let (inbox, other) = (dir.inbox(), dir.path("other"));
    let cases: [(&[&std::path::Path], &str); 11] = [
        (&[], "no inbox"),
        (&["--inbox".as_ref(), &dir.path("nowhere")], "is no folder"),
        (&["--inbox".as_ref(), &other, "--inbox".as_ref(), &dir.path("other/deep")], "lies in the watched tree"),
        (&["--inbox".as_ref(), &other, "--inbox".as_ref(), &other], "lies in the watched tree"),
        (&["--inbox".as_ref(), &inbox, "--sink".as_ref(), &dir.path("inbox/sink.jsonl")], "the sink"),
        (&["--inbox".as_ref(), &inbox, "--sink".as_ref(), &dir.path("nowhere/sink.jsonl")], "the folder of the sink"),
        (&["--inbox".as_ref(), &inbox, "--state".as_ref(), &dir.path("inbox/state")], "the state folder"),
        (
            &["--inbox".as_ref(), &inbox, "--inbox".as_ref(), &other, "--done".as_ref(), &dir.path("other/done")],
            "the done folder",
        ),
        (&["--inbox".as_ref(), &dir.path("other/deep"), "--failed".as_ref(), &other], "lies in the failed folder"),
        (&["--inbox".as_ref(), &inbox, "--model".as_ref(), &dir.path("nowhere.model")], "cannot read the model"),
        (&["--inbox".as_ref(), &inbox, "--quiet=-1".as_ref()], "expected a number of seconds"),
    ];
    for (args, message) in cases {
        let said = disputed(["check"]).args(args).fail(78);
        assert!(said.contains(message), "{args:?} gave {said}");
    }
}

#[test]
fn help_teaches() {
    let help = String::from_utf8(disputed(["--help"]).succeed()).expect("UTF-8");
    for word in
        ["Examples:", "Exit codes:", "DISPUTED_QUIET", "run", "classify", "train", "eval", "explain", "model", "check"]
    {
        assert!(help.contains(word), "{word} in {help}");
    }
    let version = String::from_utf8(disputed(["--version"]).succeed()).expect("UTF-8");
    assert_eq!(version, format!("disputed {}\n", env!("CARGO_PKG_VERSION")));
    disputed([""; 0]).fail(64);
}

#[test]
fn logs_can_be_json_and_never_stand_on_standard_output() {
    let dir = Dir::new();
    dir.drop_old("a.txt", "");
    let output = dir.run().args(["--once", "--log-format", "json", "--log", "debug"]).output();
    assert_eq!(output.stdout, b"");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    let lines: Vec<serde_json::Value> = said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let refused = lines.iter().find(|line| line["message"] == "refused").expect("a refusal");
    assert_eq!((refused["level"].as_str(), refused["code"].as_str()), (Some("WARN"), Some("empty")));
}

#[test]
fn check_tries_the_sink() {
    let dir = Dir::new();
    let check =
        |sink: &std::path::Path| disputed(["check", "--inbox"]).arg(dir.inbox()).arg("--sink").arg(sink).fail(78);
    assert!(check(&dir.path(".")).contains("cannot open the sink"));
    let notes = dir.write("notes.txt", "my precious notes\n");
    assert!(check(&notes).contains("holds something else than records"));
    std::os::unix::fs::symlink(dir.path("nowhere"), dir.path("link")).expect("a link");
    assert!(check(&dir.path("link")).contains("leads nowhere"));
}
