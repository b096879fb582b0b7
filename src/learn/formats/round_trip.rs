//! What is written in a format is read back as it was, and nothing that is read ends in a panic.

use proptest::prelude::*;

use crate::learn::corpus::{Document, Labelled};
use crate::learn::decisions::gather;
use crate::learn::formats::{Annotation, Export, Format, Says, Written, folders, read, tell, write};

/// The paragraphs that come back.
fn again(format: Format, documents: &[Document]) -> Vec<Labelled> {
    let Export { written, .. } = write(format, documents).expect("it can be written");
    let annotations: Vec<Annotation> = match written {
        Written::File(bytes) => {
            let text = String::from_utf8(bytes).expect("UTF-8");
            assert_eq!(tell(&text), Ok(format), "{text}");
            read(format, &text).expect("what was written").annotations
        }
        Written::Folder(files) => files
            .into_iter()
            .map(|(path, bytes)| {
                let folder = path.parent().and_then(|folder| folder.to_str()).expect("a folder");
                let text = String::from_utf8(bytes).expect("UTF-8").trim().to_string();
                Annotation { line: 1, text, says: Says::All(folders::labels(folder).expect("labels")) }
            })
            .collect(),
    };
    let gathered = gather(annotations.into_iter().map(|annotation| (annotation, String::new())).collect());
    assert_eq!((gathered.left_out, gathered.conflicts), (vec![], vec![]));
    gathered.paragraphs.into_iter().map(|(paragraph, _)| paragraph).collect()
}

fn paragraphs() -> impl Strategy<Value = Vec<Labelled>> {
    let topics = prop::sample::subsequence(vec!["trade", "iran", "arms-control", "g7"], 0..4).prop_shuffle();
    let labels = prop_oneof![4 => topics, 1 => Just(vec!["boilerplate"])];
    let labelled = ("\\PC{0,20}[a-z]\\PC{0,20}", labels).prop_map(|(text, labels)| Labelled {
        text: text.trim().to_string(),
        labels: labels.into_iter().map(String::from).collect(),
    });
    // A text may be there twice, but not with different labels.
    let repeated = |(paragraphs, times): (Vec<Labelled>, Vec<usize>)| {
        let numbered =
            paragraphs.into_iter().enumerate().map(|(n, p)| Labelled { text: format!("{n} {}", p.text), ..p });
        numbered.zip(times).flat_map(|(paragraph, times)| vec![paragraph; times]).collect()
    };
    (prop::collection::vec(labelled, 1..8), prop::collection::vec(1..3usize, 8)).prop_map(repeated)
}

proptest! {
    #[test]
    fn every_format_keeps_texts_and_labels(paragraphs in paragraphs()) {
        let documents: Vec<Document> =
            paragraphs.iter().map(|paragraph| Document::new(vec![paragraph.clone()], false)).collect();
        for format in [Format::FastText, Format::Doccano, Format::Prodigy, Format::LabelStudio, Format::Folders] {
            prop_assert_eq!(&again(format, &documents), &paragraphs, "{:?}", format);
        }
        // Its labels have no order.
        let sorted = paragraphs.iter().cloned().map(|mut paragraph| { paragraph.labels.sort(); paragraph });
        prop_assert_eq!(again(Format::Spacy, &documents), sorted.collect::<Vec<_>>());
    }

    #[test]
    fn formats_that_quote_keep_every_white_space(text in "[ \\n\\r\\t]{0,3}a[ \\n\\r\\t\"\\\\]{0,3}") {
        let paragraphs = vec![Labelled { text: text.clone(), labels: vec!["trade".into()] }];
        let documents = [Document::new(paragraphs.clone(), false)];
        for format in [Format::Doccano, Format::Prodigy, Format::Spacy, Format::LabelStudio] {
            prop_assert_eq!(&again(format, &documents), &paragraphs, "{:?}", format);
        }
        for format in [Format::FastText, Format::Folders] {
            let lost = write(format, &documents).expect("it can be written").lost;
            let changed = again(format, &documents) != paragraphs;
            prop_assert_eq!(lost, changed.then(|| "texts that lose line breaks, or white space at their ends: 1".to_string()).into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn no_text_ends_in_a_panic(
        text in prop_oneof![
            "\\PC{0,80}",
            "[\\[\\]{}\",: \\n]{0,40}",
            "(__label__[a-z]{0,2} ?){0,3}",
            "\\[?(\\{\"(text|data|label|cats|answer|options|accept|annotations|paragraphs)\":(\"a\"|\\[\\]|\\{\\}|1|null)\\},?\n?){0,4}\\]?",
        ]
    ) {
        let _ = tell(&text);
        for format in Format::ALL {
            let _ = read(format, &text);
        }
    }
}
