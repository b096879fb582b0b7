//! What is shipped in deploy/, held against the programs that will read it, and the daemon as they will find it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::Value;

use crate::support::{Dir, Disputed, TARIFFS, disputed, installed, records, root, wait_for};

/// A shipped file's place.
fn deploy(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name)
}

fn text(name: &str) -> String {
    let path = deploy(name);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Replaces what must be there: a test that silently replaces nothing tests something else.
fn swap(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from:?} is not in the file any more");
    text.replace(from, to)
}

fn output(command: &mut Command) -> (Output, String) {
    let output = command.output().expect("the program starts");
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    (output, said)
}

/// Runs to a success in silence: these programs often warn and go on where a line is not understood.
fn silent(command: &mut Command) {
    let (output, said) = output(command);
    assert!(output.status.success() && said.is_empty(), "{command:?}: {}\n{said}", output.status);
}

/// The permission bits, with setuid, setgid and sticky.
fn mode(path: impl AsRef<Path>) -> u32 {
    fs::symlink_metadata(path.as_ref()).expect("a file").mode() & 0o7777
}

/// The unit, with the program that was just built.
fn unit(dir: &Dir) -> PathBuf {
    let unit = swap(&text("disputed.service"), "=/usr/bin/disputed ", &format!("={} ", env!("CARGO_BIN_EXE_disputed")));
    dir.write("disputed.service", unit)
}

#[test]
fn systemd_understands_every_line_of_the_unit() {
    if !installed("systemd-analyze") {
        return;
    }
    let dir = Dir::new();
    silent(Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(unit(&dir)));
}

#[test]
fn the_unit_is_walled_in() {
    if !installed("systemd-analyze") {
        return;
    }
    let dir = Dir::new();
    // The threshold is in tenths: an exposure of at most 2.0 of 10.
    let judge = ["security", "--offline=true", "--threshold=20", "--no-pager"];
    let (output, said) = output(Command::new("systemd-analyze").args(judge).arg(unit(&dir)));
    assert!(output.status.success(), "{said}");
}

#[test]
fn the_unit_says_what_the_daemon_relies_on() {
    let unit = text("disputed.service");
    for line in [
        // READY=1 and WATCHDOG=1 are sent, and somebody has to wait for them.
        "Type=notify",
        "NotifyAccess=main",
        "WatchdogSec=60s",
        "Restart=on-failure",
        // With sink = "-" the journal's own limit would drop articles.
        "LogRateLimitIntervalSec=0",
        "ExecReload=/usr/bin/disputed reload --config /etc/disputed/disputed.toml",
        // A file that fills the memory is tried in a process of its own, whose death must not be the service's.
        "OOMPolicy=continue",
        // The same modes as in disputed.tmpfiles.conf: otherwise each would undo what the other did.
        "StateDirectoryMode=0700",
        "LogsDirectoryMode=2750",
        "UMask=0027",
    ] {
        assert!(unit.lines().any(|l| l == line), "the unit does not say {line}");
    }
}

/// An empty system with the service's user and folders in it; the user's uid and gid.
fn installed_root(dir: &Dir, tmpfiles: &Path) -> (u32, u32) {
    // systemd-tmpfiles distrusts a root that its user could not enter.
    fs::set_permissions(dir.path(""), Permissions::from_mode(0o755)).expect("a mode");
    fs::create_dir_all(dir.path("etc")).expect("a folder");
    let root = format!("--root={}", dir.path("").display());
    let (output, said) = output(Command::new("systemd-sysusers").arg(&root).arg(deploy("disputed.sysusers.conf")));
    assert!(output.status.success(), "{said}");
    silent(Command::new("systemd-tmpfiles").args(["--create", &root]).arg(tmpfiles));
    let passwd = fs::read_to_string(dir.path("etc/passwd")).expect("users");
    let user = passwd.lines().find(|line| line.starts_with("disputed:")).expect("the user");
    let ids: Vec<u32> = user.split(':').skip(2).take(2).map(|id| id.parse().expect("a number")).collect();
    (ids[0], ids[1])
}

fn can_install() -> bool {
    installed("systemd-sysusers") && installed("systemd-tmpfiles") && root()
}

#[test]
fn the_folders_are_made_for_the_group_and_for_nobody_else() {
    if !can_install() {
        return;
    }
    let dir = Dir::new();
    let (uid, gid) = installed_root(&dir, &deploy("disputed.tmpfiles.conf"));
    assert!(uid != 0 && gid != 0);
    for (folder, expected) in [
        ("srv/disputed/inbox", 0o2770),
        ("srv/disputed/inbox/done", 0o2770),
        ("srv/disputed/inbox/failed", 0o2770),
        ("var/log/disputed", 0o2750),
        ("var/lib/disputed", 0o700),
    ] {
        let made = fs::metadata(dir.path(folder)).unwrap_or_else(|e| panic!("{folder}: {e}"));
        assert_eq!((made.uid(), made.gid()), (uid, gid), "{folder}");
        assert_eq!(made.mode() & 0o7777, expected, "{folder} has mode {:o}", made.mode() & 0o7777);
    }
    // The folder above belongs to root, so that nobody can put another inbox in the place of this one.
    let above = fs::metadata(dir.path("srv/disputed")).expect("a folder");
    assert_eq!((above.uid(), above.mode() & 0o7777), (0, 0o755));
}

#[test]
fn members_drop_and_read_and_strangers_do_neither() {
    if !(can_install() && installed("setpriv")) {
        return;
    }
    let dir = Dir::new();
    let (_, gid) = installed_root(&dir, &deploy("disputed.tmpfiles.conf"));
    let may = |groups: &[&str], script: &str| {
        // Some user of no other rights, with a primary group of his own.
        let mut person = Command::new("setpriv");
        person.args(["--reuid=54321", "--regid=54321"]).args(groups).args(["sh", "-c", script]);
        person.current_dir(dir.path("")).output().expect("setpriv").status.success()
    };
    let (member, stranger) = ([&*format!("--groups={gid}")], ["--clear-groups"]);
    assert!(may(&member, "echo text > srv/disputed/inbox/a.txt"));
    assert!(may(&member, "ls srv/disputed/inbox/done srv/disputed/inbox/failed var/log/disputed"));
    assert!(!may(&member, "echo text > var/log/disputed/disputed.jsonl"), "only the daemon writes the sink");
    assert!(!may(&member, "ls var/lib/disputed"), "the daemon's memory is its own");
    assert!(may(&stranger, "ls srv/disputed"), "where setpriv can do nothing at all, the rest proves nothing");
    for script in ["echo text > srv/disputed/inbox/b.txt", "ls srv/disputed/inbox", "ls var/log/disputed"] {
        assert!(!may(&stranger, script), "{script}");
    }
    // The daemon may read what was dropped whatever the dropper's own group is.
    assert_eq!(fs::metadata(dir.path("srv/disputed/inbox/a.txt")).expect("a file").gid(), gid);
}

#[test]
fn nothing_is_deleted_until_somebody_says_so() {
    let shipped = text("disputed.tmpfiles.conf");
    let (mut ages, mut aged) = (0, String::new());
    for line in shipped.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        match fields[..] {
            ["#d", path, "2770", "disputed", "disputed", age] if age != "-" => {
                assert!(["/srv/disputed/inbox/done", "/srv/disputed/inbox/failed"].contains(&path), "{path}");
                ages += 1;
                aged += &(line.replacen('#', "", 1) + "\n");
            }
            // An age takes the place of the line without one.
            ["d", path, .., "-"] if path.ends_with("/done") || path.ends_with("/failed") => {}
            ["d", .., age] => {
                assert_eq!(age, "-", "{line}");
                aged += &(line.to_string() + "\n");
            }
            _ => assert!(fields.is_empty() || line.starts_with('#'), "{line}"),
        }
    }
    assert_eq!(ages, 2, "one age for done, one for failed");
    if can_install() {
        let dir = Dir::new();
        let aged = dir.write("aged.conf", aged);
        installed_root(&dir, &aged);
        assert_eq!(mode(dir.path("srv/disputed/inbox/done")), 0o2770);
    }
}

/// The rotation of this folder's sink: in the place of the service's user us, in the place of the service `daemon`.
fn rotation(dir: &Dir, daemon: u32) -> String {
    let shipped = text("disputed.logrotate");
    let ours = swap(&shipped, "su disputed disputed", "su root root");
    let ours = swap(&ours, "/var/log/disputed/disputed.jsonl", &dir.sink().display().to_string());
    let ours = swap(&ours, "systemctl is-active --quiet disputed.service", "true");
    swap(&ours, "systemctl reload disputed.service", &format!("kill -HUP {daemon}"))
}

fn logrotate(dir: &Dir, how: &str, rules: &str) -> String {
    let rules = dir.write("rules", rules);
    // A file that others could write is passed over.
    fs::set_permissions(&rules, Permissions::from_mode(0o644)).expect("a mode");
    let (output, said) = output(Command::new("logrotate").args([how, "-s"]).arg(dir.path("rotated")).arg(rules));
    assert!(output.status.success(), "{said}");
    said
}

#[test]
fn logrotate_understands_every_line() {
    if !(installed("logrotate") && root()) {
        return;
    }
    let dir = Dir::new();
    dir.write("sink.jsonl", "{}\n");
    let rules = rotation(&dir, 0);
    let said = logrotate(&dir, "-d", &rules);
    assert!(!said.contains("error:"), "{said}");
    // It ends well on what it does not understand, so this shows that the line above can fail.
    let said = logrotate(&dir, "-d", &swap(&rules, "delaycompress", "delaycompression"));
    assert!(said.contains("error:"), "{said}");
}

#[test]
fn a_rotation_under_a_running_daemon_loses_and_repeats_nothing() {
    if !(installed("logrotate") && root()) {
        return;
    }
    let dir = Dir::new();
    let daemon = dir.run().start();
    dir.drop_by_rename("before.txt", TARIFFS);
    wait_for("the first file", || (dir.names("inbox/done") == ["before.txt"]).then_some(()));
    let said = logrotate(&dir, "-f", &rotation(&dir, daemon.id()));
    assert!(!said.contains("error:"), "{said}");
    wait_for("a new sink", || dir.sink().exists().then_some(()));
    dir.drop_by_rename("after.txt", TARIFFS);
    wait_for("the second file", || (dir.names("inbox/done") == ["after.txt", "before.txt"]).then_some(()));
    daemon.stop();
    let paths = |below: &str| -> Vec<Value> {
        let lines = fs::read(dir.path(below)).expect("a generation");
        records(&lines).iter().map(|record| record["source"]["path"].clone()).collect()
    };
    assert_eq!((paths("sink.jsonl.1"), paths("sink.jsonl")), (vec!["before.txt".into()], vec!["after.txt".into()]));
}

/// `disputed COMMAND` with this configuration and with folders that are there.
fn configured(dir: &Dir, command: &str, config: &Path) -> Disputed {
    let with_folders = disputed([command]).arg("--inbox").arg(dir.inbox()).arg("--sink").arg(dir.sink());
    with_folders.arg("--state").arg(dir.path("state")).arg("--config").arg(config)
}

/// The shipped configuration with every key that shows its default in force, and how many these are.
fn all_keys_set() -> (String, usize) {
    let mut set = 0;
    let mut lines = String::new();
    for line in text("disputed.toml").lines() {
        let key = line.strip_prefix('#').filter(|rest| {
            let name = rest.split_once(" = ").map_or("", |(name, _)| name);
            !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-')
        });
        set += usize::from(key.is_some());
        lines += &(key.unwrap_or(line).to_string() + "\n");
    }
    (lines, set)
}

#[test]
fn the_shipped_configuration_is_sound() {
    let dir = Dir::new();
    configured(&dir, "check", &deploy("disputed.toml")).succeed();
    let (config, set) = all_keys_set();
    assert!(set > 0, "no key shows its default");
    let config = dir.write("all.toml", config);
    let check = configured(&dir, "check", &config).args(["--model", "models/disputes-en.model"]);
    check.arg("--done").arg(dir.inbox().join("done")).arg("--failed").arg(dir.inbox().join("failed")).succeed();
}

#[test]
fn the_shipped_configuration_shows_every_key_and_the_true_defaults() {
    let config: toml::Table = all_keys_set().0.parse().expect("TOML");
    let limits = disputed::Limits::default();
    for (key, default) in [
        ("max-bytes", limits.bytes),
        ("max-expanded", limits.expanded),
        ("max-ratio", limits.ratio),
        ("max-nesting", limits.nesting as u64),
        ("max-items", limits.items as u64),
        ("max-paragraphs", limits.paragraphs as u64),
        ("max-words", limits.words as u64),
    ] {
        assert_eq!(config[key].as_integer(), i64::try_from(default).ok(), "{key}");
    }
    // The names of the options that carry settings; the rest say what to do once, or where this file is.
    let help = String::from_utf8(disputed(["run", "--help"]).succeed()).expect("text");
    let options = help.lines().filter_map(|line| line.trim_start().strip_prefix("--"));
    let options = options.filter_map(|line| line.split_whitespace().next());
    let mut options: Vec<&str> = options.filter(|name| !["config", "once", "help"].contains(name)).collect();
    options.sort_unstable();
    let mut keys: Vec<&str> = config.keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, options, "what stands in disputed.toml, and what `disputed run --help` lists");
    let limits = config.iter().filter(|(key, _)| key.starts_with("max-") && *key != "max-seconds");
    let limits = limits.map(|(key, value)| (key.as_str(), value.as_integer().expect("a number").to_string()));
    let others = [("quiet", "2"), ("max-seconds", "30"), ("log", "info"), ("log-format", "text")]
        .map(|(key, value)| (key, value.to_string()));
    for (key, default) in limits.chain(others) {
        let default = default.as_str();
        assert!(serde_json::to_string(&config[key]).expect("JSON").trim_matches('"').starts_with(default), "{key}");
        assert!(help.contains(&format!("[default: {default}]")), "{key}");
    }
}

#[test]
fn a_misspelt_key_is_named_and_keeps_the_service_down() {
    let dir = Dir::new();
    let config = dir.write("misspelt.toml", text("disputed.toml") + "\nquite = 2.0\n");
    for command in ["check", "run"] {
        let said = configured(&dir, command, &config).fail(78);
        assert!(said.contains("quite") && said.contains("misspelt.toml"), "{said}");
    }
}

/// What would fail again in five seconds, and again for ever, must keep the service down.
#[test]
fn what_only_a_person_can_mend_is_not_tried_again() {
    let unit = text("disputed.service");
    let stay_down = unit.lines().find_map(|line| line.strip_prefix("RestartPreventExitStatus=")).expect("the codes");
    let stay_down: Vec<&str> = stay_down.split(' ').collect();
    let dir = Dir::new();
    let damaged = dir.write("damaged.model", "no model");
    for (option, value) in [
        ("--quite", PathBuf::from("2")),
        ("--config", dir.path("missing.toml")),
        ("--model", dir.path("missing.model")),
        ("--model", damaged),
        ("--inbox", dir.path("missing")),
        ("--sink", dir.path("missing/sink.jsonl")),
    ] {
        let options = if option == "--sink" { vec![] } else { vec!["--sink".into(), dir.sink()] };
        let run =
            disputed(["run", "--once", "--inbox"]).arg(dir.inbox()).args(options).arg(option).arg(&value).output();
        let code = run.status.code().expect("a code").to_string();
        assert!(stay_down.contains(&&*code), "{option} {}: {code}", value.display());
    }
}

#[test]
fn a_rotation_while_the_folder_is_away_is_waited_out() {
    let dir = Dir::new();
    fs::create_dir(dir.path("log")).expect("a folder");
    let sink = dir.path("log/sink.jsonl");
    let daemon = disputed(["run", "--inbox"]).arg(dir.inbox()).arg("--sink").arg(&sink).start();
    fs::remove_dir_all(dir.path("log")).expect("no folder");
    daemon.signal("HUP");
    daemon.wait_for_log("intake pauses");
    fs::create_dir(dir.path("log")).expect("a folder");
    daemon.wait_for_log("going on");
    dir.drop_by_rename("a.txt", TARIFFS);
    wait_for("the file", || (dir.names("inbox/done") == ["a.txt"]).then_some(()));
    daemon.stop();
    assert_eq!(records(&fs::read(sink).expect("a sink")).len(), 1);
}

#[test]
fn what_the_daemon_makes_is_for_its_group_and_what_it_moves_stays_as_it_was() {
    let dir = Dir::new();
    let dropped = dir.drop_old("a.txt", TARIFFS);
    fs::set_permissions(&dropped, Permissions::from_mode(0o664)).expect("a mode");
    if root() {
        // A group that nobody has: the daemon's own would prove nothing.
        std::os::unix::fs::chown(&dropped, None, Some(54321)).expect("a group");
    }
    dir.drop_old("empty.txt", "");
    let group = fs::metadata(&dropped).expect("a file").gid();
    let mut run = dir.run().arg("--once");
    let under_umask = Command::new("sh")
        .args(["-c", "umask 0027; exec \"$0\" \"$@\""])
        .arg(run.command().get_program())
        .args(run.command().get_args())
        .output();
    let ended = under_umask.expect("sh");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(mode(dir.sink()), 0o640);
    assert_eq!(mode(dir.inbox().join("failed/empty.txt.reason.json")), 0o640);
    let done = dir.inbox().join("done/a.txt");
    assert_eq!((mode(&done), fs::metadata(&done).expect("a file").gid()), (0o664, group));
}

#[test]
fn systemd_hears_of_the_start_of_life_and_of_the_end() {
    let dir = Dir::new();
    let path = dir.path("notify");
    let socket = UnixDatagram::bind(&path).expect("a socket");
    // Without a watchdog in force the daemon would speak once a minute, and this would be too short.
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    let hear = || {
        let mut message = [0; 256];
        let length = socket.recv(&mut message).expect("a message in time");
        String::from_utf8_lossy(&message[..length]).trim_end().to_string()
    };
    let mut daemon = dir.run().env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "300000").start();
    assert_eq!(hear(), "READY=1");
    for _ in 0..3 {
        assert_eq!(hear(), "WATCHDOG=1");
    }
    daemon.signal("TERM");
    let last = std::iter::repeat_with(hear).find(|message| message != "WATCHDOG=1");
    assert_eq!(last.as_deref(), Some("STOPPING=1"));
    assert_eq!(daemon.wait(), (Some(0), None), "{}", daemon.log());
}

#[test]
fn the_schema_is_one() {
    let schema: Value = serde_json::from_str(&text("record.schema.json")).expect("JSON");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    if let Err(e) = jsonschema::draft202012::meta::validate(&schema) {
        panic!("{e} at {}", e.instance_path());
    }
    // What is shipped beside the program is what the program was built with.
    assert_eq!(serde_json::from_str::<Value>(disputed::RECORD_SCHEMA).expect("JSON"), schema);
}
