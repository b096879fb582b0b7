//! Bad input: each gets a clear refusal, and nothing else is lost.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::support::strace::can_trace;
use crate::support::{Dir, TARIFFS, disputed, root};

/// Drops the file beside a good one, and gives the reason that it was refused for.
fn refusal(name: &str, bytes: impl AsRef<[u8]>) -> serde_json::Value {
    let dir = Dir::new();
    dir.drop_old(name, bytes);
    dir.drop_old("good.txt", TARIFFS);
    dir.run().arg("--once").succeed();
    assert_eq!(dir.records().len(), 1, "the good one");
    assert_eq!(dir.names("inbox/done"), ["good.txt"]);
    let beside = format!("{name}.reason.json");
    assert_eq!(dir.names("inbox/failed"), [name.to_string(), beside.clone()]);
    dir.reason(&beside)
}

#[test]
fn a_reason_says_what_happened_and_what_to_do() {
    let reason = refusal("empty.txt", "");
    let keys: Vec<&str> = reason.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(keys, ["attempts", "code", "message", "model", "next", "source", "when"]);
    assert_eq!((reason["code"].as_str(), reason["attempts"].as_u64()), (Some("empty"), Some(1)));
    assert_eq!(reason["next"], "send the article again; this copy holds no text");
    assert_eq!((reason["source"]["path"].as_str(), reason["source"]["bytes"].as_u64()), (Some("empty.txt"), Some(0)));
    assert!(reason["model"].as_str().is_some_and(|model| model.starts_with("disputes-en@")));
}

#[test]
fn a_reason_is_whole_from_the_moment_that_it_has_its_name() {
    if !can_trace() {
        return;
    }
    let dir = Dir::new();
    dir.drop_old("a.txt", "");
    let log = dir.path("strace.log");
    let options = ["-f".into(), "--trace=%file".into(), "-o".into(), log.display().to_string()];
    dir.run().arg("--once").under("strace", options).succeed();
    let log = fs::read_to_string(log).expect("a log");
    let makes =
        |line: &&str| line.contains("a.txt.reason.json\"") && (line.contains("O_CREAT") || line.contains("rename"));
    let calls: Vec<&str> = log.lines().filter(makes).filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert!(!calls.is_empty() && calls.iter().all(|call| call.starts_with("rename")), "{calls:?}");
}

#[test]
fn what_holds_no_text_is_refused() {
    assert_eq!(refusal("blank.txt", " \r\n\t\n\u{feff}")["code"], "empty");
    assert_eq!(refusal("nul.txt", "Talks resume\n\nEnvoys\0 met.\n")["code"], "binary");
    let page = "<!doctype html><html><head><title>t</title></head><body><script>var a;</script></body></html>";
    assert_eq!(refusal("bare.html", page)["code"], "no-text");
}

#[test]
fn fifty_megabytes_in_one_line_are_refused_and_a_higher_limit_takes_them() {
    let line = "tariffs on steel ".repeat(50_000_000 / 17);
    let reason = refusal("long.txt", &line);
    assert_eq!(reason["code"], "too-large");
    assert!(reason["message"].as_str().is_some_and(|m| m.contains("the limit is 16777216")), "{reason}");
    let dir = Dir::new();
    dir.drop_old("long.txt", &line);
    dir.run().args(["--once", "--max-bytes", "60000000", "--max-words", "9000000"]).succeed();
    let record = &dir.records()[0];
    assert_eq!((record["primary"].as_str(), record["truncated"].as_str()), (Some("trade"), Some("text")));
}

#[test]
fn a_page_of_a_hundred_thousand_nested_tags_is_refused() {
    assert_eq!(refusal("deep.html", "<div>".repeat(100_000))["code"], "too-deep");
}

#[test]
fn broken_utf_8_is_read_and_the_damage_counted() {
    let dir = Dir::new();
    let mut bytes = "Zölle\n\nDie Zölle auf Stahl".as_bytes().to_vec();
    bytes.extend_from_slice(b" \xff and the tariffs on steel.\n");
    dir.drop_old("broken.txt", bytes);
    dir.run().arg("--once").succeed();
    let record = &dir.records()[0];
    assert_eq!((record["source"]["charset"].as_str(), record["source"]["replaced"].as_u64()), (Some("utf-8"), Some(1)));
    assert!(record["paragraphs"][1]["text"].as_str().is_some_and(|text| text.contains("Zölle auf Stahl \u{fffd} and")));
}

#[test]
fn a_name_that_is_no_utf_8_is_written_reversibly() {
    let dir = Dir::new();
    dir.drop_old(OsStr::from_bytes(b"caf\xe9\\1.txt"), TARIFFS);
    dir.drop_old(OsStr::from_bytes(b"bad\xe9.txt"), "");
    dir.run().arg("--once").succeed();
    assert_eq!(dir.records()[0]["source"]["path"], r"caf\xe9\x5c1.txt");
    assert!(dir.inbox().join("done").join(OsStr::from_bytes(b"caf\xe9\\1.txt")).exists());
    assert!(dir.inbox().join("failed").join(OsStr::from_bytes(b"bad\xe9.txt.reason.json")).exists());
}

#[test]
fn a_long_name_gets_a_reason_under_a_shortened_one() {
    let dir = Dir::new();
    let name = format!("{}.txt", "n".repeat(246));
    dir.drop_old(&name, "");
    dir.drop_old(format!("{}.txt", "g".repeat(246)), TARIFFS);
    dir.run().arg("--once").succeed();
    assert_eq!(dir.records().len(), 1);
    let digest = blake3::hash(name.as_bytes()).to_hex();
    let shortened = format!("{}~{}.reason.json", &name[..255 - 29], &digest[..16]);
    assert_eq!(dir.names("inbox/failed"), [name, shortened.clone()]);
    assert_eq!(dir.reason(&shortened)["code"], "empty");
}

#[test]
fn an_input_that_is_named_like_a_reason_is_an_input() {
    let dir = Dir::new();
    dir.drop_old("a.txt", "");
    dir.drop_old("a.txt.reason.json", "");
    dir.drop_old("b.reason.json", TARIFFS);
    dir.run().arg("--once").succeed();
    assert_eq!(dir.names("inbox/done"), ["b.reason.json"]);
    let failed = dir.names("inbox/failed");
    let reasons = failed.iter().filter(|name| {
        name.ends_with(".reason.json") && fs::metadata(dir.inbox().join("failed").join(name)).is_ok_and(|m| m.len() > 0)
    });
    assert_eq!((failed.len(), reasons.count()), (4, 2), "two inputs, each with its reason: {failed:?}");
}

#[test]
fn the_same_bad_name_twice_keeps_both() {
    let dir = Dir::new();
    for _ in 0..2 {
        dir.drop_old("a.txt", "");
        dir.run().arg("--once").succeed();
    }
    assert_eq!(dir.names("inbox/failed"), ["a.1.txt", "a.1.txt.reason.json", "a.txt", "a.txt.reason.json"]);
}

#[test]
fn a_file_that_cannot_be_read_is_tried_again_and_then_set_aside() {
    if !root() {
        return;
    }
    let dir = Dir::new();
    let locked = dir.drop_old("locked.txt", TARIFFS);
    dir.drop_old("good.txt", TARIFFS);
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o200)).expect("a mode");
    let nobody = |path: &std::path::Path| {
        let chown = Command::new("chown").arg("65534:65534").arg(path).status();
        assert!(chown.expect("chown").success());
    };
    fs::set_permissions(dir.path("."), fs::Permissions::from_mode(0o755)).expect("a mode");
    [dir.inbox(), locked, dir.path(".")].iter().for_each(|path| nobody(path));
    let output = dir.run_as_nobody();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("chmod g+r") && said.matches("cannot read").count() == 1,
        "said once, with what to do: {said}"
    );
    let reason = dir.reason("locked.txt.reason.json");
    assert_eq!((reason["code"].as_str(), reason["attempts"].as_u64()), (Some("unreadable"), Some(6)));
    assert_eq!((dir.records().len(), dir.names("inbox/done")), (1, vec!["good.txt".to_string()]));
}

#[test]
fn rubbish_of_every_kind_ends_in_done_or_failed() {
    let dir = Dir::new();
    let mut seed = 1u64;
    for n in 0..200 {
        let mut bytes = Vec::new();
        for _ in 0..n * 7 {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            bytes.write_all(&[(seed >> 33) as u8]).expect("memory");
        }
        dir.drop_old(format!("{n:03}.{}", if n % 2 == 0 { "txt" } else { "html" }), bytes);
    }
    dir.run().arg("--once").succeed();
    let (done, failed) = (dir.names("inbox/done").len(), dir.names("inbox/failed").len());
    assert_eq!(done + failed / 2, 200, "each is somewhere, and each refusal has a reason");
    assert_eq!(dir.records().len(), done);
    assert_eq!(dir.names("inbox"), ["done", "failed"]);
    let said = disputed(["classify"]).stdin([0xff; 64]).output();
    assert!(matches!(said.status.code(), Some(0 | 65)));
}
