//! The retrain loop: a running daemon takes a new model between two articles, or refuses it and goes on.

use std::fs;

use crate::support::{Dir, TARIFFS, disputed, wait_for};
use serde_json::json;

/// The corpus with a tenth topic.
fn corpus_with_whaling(dir: &Dir) {
    for folder in ["paragraphs", "articles"] {
        for file in fs::read_dir(format!("corpus/{folder}")).expect("the corpus") {
            let file = file.expect("an entry");
            let path = dir.path("corpus").join(folder).join(file.file_name());
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::copy(file.path(), path).expect("a copy");
        }
    }
    let sentences = [
        "Japan resumed commercial whaling and left the International Whaling Commission.",
        "Whalers killed minke whales in the Antarctic sanctuary under a scientific permit.",
        "Australia took the whaling programme to the court in The Hague.",
        "The quota for fin whales was raised although the whaling moratorium stands.",
        "Harpoon ships left port while protest boats followed the whaling fleet.",
        "Iceland's last whaling station asked for a new licence to hunt fin whales.",
    ];
    let lines: String = sentences.iter().map(|s| json!({"text": s, "label": ["whaling"]}).to_string() + "\n").collect();
    dir.write("corpus/paragraphs/whaling.jsonl", lines);
}

const WHALES: &str = "Whaling fleet sails\n\nThe whaling fleet left port to hunt minke whales under a disputed permit.\n\n\
    Australia said the whaling moratorium forbids the hunt for fin whales and minke whales alike.\n";

#[test]
fn a_new_model_is_taken_between_two_articles_and_a_bad_one_refused() {
    let dir = Dir::new();
    let model = dir.path("models/wire.model");
    fs::create_dir(dir.path("models")).expect("a folder");
    fs::copy("models/disputes-en.model", &model).expect("a copy");
    let daemon = dir.run().arg("--model").arg(&model).start();
    dir.drop_by_rename("before.txt", WHALES);
    wait_for("the first record", || (dir.names("inbox/done").len() == 1).then_some(()));

    corpus_with_whaling(&dir);
    disputed(["train", "--corpus"]).arg(dir.path("corpus")).arg("--out").arg(&model).succeed();
    // Renamed into place, which is all that the daemon needs.
    daemon.wait_for_log("new model");
    dir.drop_by_rename("after.txt", WHALES);
    wait_for("the second record", || (dir.names("inbox/done").len() == 2).then_some(()));

    let whole = fs::read(&model).expect("a model");
    let half = dir.write("models/half.model", &whole[..whole.len() / 2]);
    fs::rename(half, &model).expect("a rename");
    daemon.wait_for_log("the new model is refused");
    daemon.signal("HUP");
    wait_for("a second refusal", || (daemon.log().matches("the new model is refused").count() >= 2).then_some(()));
    dir.drop_by_rename("still.txt", WHALES);
    wait_for("the third record", || (dir.names("inbox/done").len() == 3).then_some(()));
    let log = daemon.stop();
    assert!(log.contains("cut short or damaged"), "{log}");

    let records = dir.records();
    let by = |name: &str| records.iter().find(|r| r["source"]["path"] == name).expect("a record");
    let (before, after, still) = (by("before.txt"), by("after.txt"), by("still.txt"));
    assert_ne!(before["primary"], "whaling");
    assert_eq!(after["primary"], "whaling");
    assert_ne!(before["model"], after["model"]);
    assert_eq!((&still["primary"], &still["model"]), (&after["primary"], &after["model"]), "the old one serves");
}

#[test]
fn a_daemon_does_not_start_with_a_bad_model() {
    let dir = Dir::new();
    let bad = dir.write("bad.model", "disputed model 1\n");
    let said = dir.run().arg("--model").arg(bad).fail(65);
    assert!(said.contains("is refused"), "{said}");
    dir.drop_old("a.txt", TARIFFS);
    dir.run().arg("--once").succeed();
}
