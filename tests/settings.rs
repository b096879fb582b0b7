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
    let cases: [(&[&std::path::Path], &str); 13] = [
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
        (&["--inbox".as_ref(), &inbox, "--done".as_ref(), &dir.path("inbox/embargo")], "the done folder"),
        (&["--inbox".as_ref(), &inbox, "--failed".as_ref(), &dir.path("inbox/embargo/failed")], "the failed folder"),
        (&["--inbox".as_ref(), &inbox, "--model".as_ref(), &dir.path("nowhere.model")], "cannot read the model"),
        (&["--inbox".as_ref(), &inbox, "--quiet=-1".as_ref()], "expected a number of seconds"),
    ];
    for (args, message) in cases {
        let said = disputed(["check"]).args(args).fail(78);
        assert!(said.contains(message), "{args:?} gave {said}");
    }
}

#[test]
fn what_stands_in_the_place_of_a_folder_of_ours_is_named_before_anything_is_done() {
    for (name, what, or) in [
        ("done", "the done folder", ", or name another with --done"),
        ("failed", "the failed folder", ", or name another with --failed"),
        (".disputed", "the state folder", ", or name another with --state"),
        ("embargo", "the embargo folder", ""),
    ] {
        let dir = Dir::new();
        let path = dir.inbox().join(name);
        let told = |stands: &str| {
            let path = path.display();
            format!("disputed: {what} {path} cannot be made, because {path} is {stands}: move that away{or}\n")
        };
        let says = |said: &str| {
            assert_eq!(disputed(["check", "--inbox"]).arg(dir.inbox()).fail(78), said);
            assert_eq!(dir.run().arg("--once").fail(78), said);
        };
        dir.drop_old(name, TARIFFS);
        says(&told("no folder"));
        fs::rename(&path, dir.path("inbox/article.txt")).expect("moved away");
        std::os::unix::fs::symlink("nowhere", &path).expect("a link");
        says(&told("a link that leads nowhere"));
        fs::remove_file(&path).expect("removed");
        dir.run().arg("--once").succeed();
        assert_eq!(dir.names("inbox/done"), ["article.txt"]);
    }
    let dir = Dir::new();
    let file = dir.write("file", "");
    let said = disputed(["check", "--inbox"]).arg(dir.inbox()).arg("--done").arg(file.join("deep/done")).fail(78);
    assert!(said.contains(&format!("because {} is no folder", file.display())), "{said}");
    // Where files wait in place, there is no such folder, and a file of that name is one like any other.
    dir.drop_old("embargo", TARIFFS);
    dir.run().args(["--once", "--after", "keep"]).succeed();
    assert_eq!(dir.records()[0]["source"]["path"], "embargo");
}

#[test]
fn check_tries_to_write_in_every_folder() {
    if !crate::support::root() {
        return;
    }
    let dir = Dir::new();
    dir.run().arg("--once").succeed();
    let program = dir.path("disputed");
    fs::copy(env!("CARGO_BIN_EXE_disputed"), &program).expect("a copy that everyone can reach");
    let mode = |path: &std::path::Path, mode| {
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).expect("a mode");
    };
    let folders = [".disputed", "done", "failed", "embargo"].map(|name| dir.inbox().join(name));
    [dir.path("."), dir.inbox()].iter().chain(&folders).for_each(|folder| mode(folder, 0o777));
    let check_as_nobody = || {
        let mut check = std::process::Command::new("setpriv");
        check.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&program).args(["check", "--inbox"]);
        let output = check.arg(dir.inbox()).current_dir(dir.path(".")).output().expect("setpriv");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(check_as_nobody(), (Some(0), String::new()));
    for folder in &folders {
        mode(folder, 0o755);
        let (code, said) = check_as_nobody();
        assert!(said.starts_with(&format!("disputed: cannot write in the folder {}: ", folder.display())), "{said}");
        assert_eq!(code, Some(78));
        mode(folder, 0o777);
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
