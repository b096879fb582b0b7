//! What an input may cost: each limit is a setting, and what is beyond it is refused with a code of its own.

use std::collections::BTreeSet;
use std::io::Write;

use disputed::Code;
use serde_json::Value;

use crate::support::{Dir, TARIFFS, disputed, wait_for};

/// An input, the setting that is about it, the most with which it is refused, and as which, and the least that takes it.
struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    setting: &'static str,
    refused_with: &'static str,
    code: Code,
    taken_with: &'static str,
}

fn cases() -> Vec<Case> {
    let case = |setting, name, bytes: &[u8], refused_with, code, taken_with| Case {
        name,
        bytes: bytes.to_vec(),
        setting,
        refused_with,
        code,
        taken_with,
    };
    let lines = "{\"title\":\"Talks\",\"text\":\"Envoys met.\"}\n".repeat(3);
    // It shrinks to a hundredth and more, and a bomb may have less than 8 MiB.
    let blanks = gzip(format!("Envoys met.{}", " ".repeat(9 << 20)).as_bytes());
    vec![
        case("max-bytes", "a.txt", b"Envoys met.", "10", Code::TooLarge, "11"),
        case("max-expanded", "a.txt.gz", &gzip(b"Envoys met."), "10", Code::Expanded, "11"),
        case("max-ratio", "a.txt.gz", &blanks, "100", Code::Ratio, "10000"),
        case("max-nesting", "a.txt.gz", &gzip(&gzip(b"Envoys met.")), "1", Code::Nesting, "2"),
        case("max-items", "a.jsonl", lines.as_bytes(), "2", Code::TooMany, "3"),
        case("max-paragraphs", "a.txt", b"One.\n\nTwo.\n\nThree.", "2", Code::TooManyParagraphs, "3"),
        case("max-words", "a.txt", b"One two three.", "2", Code::TooManyWords, "3"),
    ]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).and_then(|()| packed.finish()).expect("memory")
}

/// The one reason in failed/, of a file or of an article.
fn reason(dir: &Dir) -> Value {
    let reasons: Vec<String> = dir.names("inbox/failed").into_iter().filter(|name| name.ends_with(".json")).collect();
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    dir.reason(&reasons[0])
}

#[test]
fn each_limit_is_a_setting_and_its_code_says_which() {
    let mut codes = BTreeSet::new();
    for Case { name, bytes, setting, refused_with, code, taken_with } in cases() {
        let dir = Dir::new();
        dir.drop_old(name, &bytes);
        dir.drop_old("good.txt", "Rain.");
        let variable = format!("DISPUTED_{}", setting.to_uppercase().replace('-', "_"));
        dir.run().arg("--once").env(&variable, refused_with).succeed();
        let reason = reason(&dir);
        let of_file = reason["code"].as_str().expect("a code");
        let of_article = reason["articles"][0]["code"].as_str();
        assert_eq!(of_article.unwrap_or(of_file), code.as_str(), "{setting}");
        assert!(code.next_step().contains(&format!("raise {setting}")), "{setting}: {}", code.next_step());
        assert!(dir.records().iter().any(|record| record["source"]["path"] == "good.txt"), "{setting}");
        codes.insert(code.as_str());

        let dir = Dir::new();
        dir.drop_old(name, &bytes);
        let file = dir.write("disputed.toml", format!("{setting} = {taken_with}\n"));
        dir.run().arg("--once").arg("--config").arg(&file).succeed();
        assert_eq!(dir.names("inbox/failed"), [""; 0], "{setting}");
        assert_eq!(dir.names("inbox/done"), [name], "{setting}");
    }
    assert_eq!(codes.len(), cases().len(), "no two limits share a code: {codes:?}");
}

#[test]
fn next_steps_name_only_settings_that_there_are() {
    let help = String::from_utf8(disputed(["run", "--help"]).succeed()).expect("text");
    for code in Code::ALL {
        let words = code.next_step().split(|c: char| !c.is_ascii_lowercase() && c != '-');
        for setting in words.filter(|word| word.starts_with("max-")) {
            assert!(help.contains(&format!("--{setting} <")), "{code} speaks of {setting}");
        }
    }
}

#[test]
fn a_limit_of_nothing_is_a_mistake() {
    let dir = Dir::new();
    let file = dir.write("disputed.toml", "max-words = 0\n");
    let said = disputed(["check", "--config"]).arg(&file).fail(78);
    assert!(said.contains("line 1") && said.contains("expected a nonzero"), "{said}");
    let said = disputed(["check"]).env("DISPUTED_MAX_WORDS", "0").fail(78);
    assert_eq!(said, "disputed: DISPUTED_MAX_WORDS is \"0\"; expected a number, 1 or more\n");
    let said = disputed(["check", "--max-seconds", "0"]).fail(78);
    assert_eq!(said, "disputed: max-seconds is 0; expected a number of seconds above 0\n");
    assert!(disputed(["check", "--max-words", "0"]).fail(64).contains("--max-words"));
}

#[test]
fn a_reload_takes_the_limits_as_they_are_then() {
    let dir = Dir::new();
    let config = |most: usize| dir.write("disputed.toml", format!("max-words = {most}\n"));
    let daemon = dir.run().arg("--config").arg(config(3)).start();
    dir.drop_by_rename("a.txt", TARIFFS);
    wait_for("the refusal", || dir.names("inbox/failed").contains(&"a.txt.reason.json".to_string()).then_some(()));
    assert_eq!(dir.reason("a.txt.reason.json")["code"], "too-many-words");
    config(100);
    daemon.signal("HUP");
    wait_for("the record", || {
        disputed(["retry", "--inbox"]).arg(dir.inbox()).output();
        (dir.names("inbox/done") == ["a.txt"]).then_some(())
    });
    daemon.stop();
}

#[test]
fn the_readme_tells_every_limit_with_its_default_and_its_code() {
    let readme = include_str!("../README.md");
    let (_, table) = readme.split_once("| setting | at most | of what | code |\n").expect("the table of limits");
    let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
    let rows = rows.map(|row| row.split('|').map(|cell| cell.trim().trim_matches('`').to_string()).collect::<Vec<_>>());
    let told: BTreeSet<_> = rows.map(|cells| (cells[1].clone(), cells[2].clone(), cells[4].clone())).collect();
    let config = include_str!("../deploy/disputed.toml");
    let default = |setting: &str| {
        let mut lines = config.lines().filter_map(|line| line.strip_prefix('#')?.split_once(" = "));
        lines.find(|(key, _)| *key == setting).expect(setting).1.to_string()
    };
    let expected = cases().into_iter();
    let expected = expected.map(|Case { setting, code, .. }| (setting.to_string(), default(setting), code.to_string()));
    let seconds = ["max-seconds", &default("max-seconds"), Code::TooSlow.as_str()].map(String::from);
    assert_eq!(told, expected.chain([seconds.into()]).collect());
}
