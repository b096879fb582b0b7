//! What is one story and what is not: short texts, forms that are filled in anew, notices under every page.

use disputed::story::{Reach, Signature, Stories};

use super::{Dice, prose, take, words};

fn of(text: &str) -> Signature {
    Signature::of(text.split("\n\n"))
}

/// Whether the second text is found to repeat the first.
fn repeats(first: &str, second: &str) -> bool {
    let mut stories = Stories::new(Reach::default());
    take(&mut stories, 1, of(first));
    take(&mut stories, 2, of(second)).is_some()
}

/// A text in which each `#` is another figure.
fn filled(form: &str, seed: u64) -> String {
    let mut dice = Dice(seed);
    form.split_inclusive('#').map(|part| part.replace('#', &(1 + dice.below(990)).to_string())).collect()
}

const WEATHER: &str = "Rain moves in over the northern coast by # in the morning, with # millimetres expected in the hills and \
    gusts of # knots on open water. Inland it stays dry until #, and # degrees are likely in the valleys, after a night of #.\n\n\
    In the south the sun shines for # hours, with highs of # degrees at the lakes and # in the capital. Pollen counts are # \
    for birch and # for grass. The outlook for tomorrow is # hours of sun in the west and # in the east, with frost below # \
    metres and a risk of fog along the river until #. The water of the bay has # degrees and the lakes # on average.";

const MARKETS: &str = "Shares closed # points higher at # on Monday, as miners gained # and banks #. The index of smaller \
    companies rose # to #, its best close in # weeks, and # of its members ended higher.\n\nIn currencies the crown bought # \
    cents against # on Friday, and the pound stood at # after #. The yield on bonds of ten years was # against # the day before. \
    Crude for delivery next month was # a barrel, down #, and gold # an ounce. Copper fell # to # a tonne, and wheat rose # to # \
    on hopes of exports. Trading was thin with # shares changing hands against # on an average day.";

#[test]
fn too_few_words_are_known_again_where_all_are_the_same() {
    let flash = "The ferry company said on Monday that it will stop its night service to the islands from the end of the month. \
        It named the price of fuel as the reason and promised to refund all tickets that were bought before.";
    for text in [
        flash,
        "Ministers agree on fishing quotas after a night of talks",
        &"the same five words again and ".repeat(1000),
    ] {
        assert!(repeats(text, &format!("“{}”", text.to_uppercase())));
        assert!(!repeats(text, &format!("{text} Again.")), "{text}");
    }
    assert!(!repeats("", "") && !repeats("…", "?"), "no words tell nothing");
    // Eighty phrases are eighty-four words in one paragraph, or more in several.
    let of_words = |count| words(1, count).join(" ");
    let with_one_more = [83, 84].map(|count| repeats(&of_words(count), &format!("{} more", of_words(count))));
    assert_eq!(with_one_more, [false, true]);
}

#[test]
fn a_table_in_lines_of_four_words_is_known_again_as_a_whole_however_long() {
    let row = |n: usize| format!("Port {n} {} {}\n\n", n * 7 % 31, n * 5 % 17);
    let table = |rows| (0..rows).map(row).collect::<String>();
    assert!(repeats(&table(500), &table(500)));
    assert!(!repeats(&table(500), &table(499)));
}

#[test]
fn a_new_headline_makes_the_same_words_a_near_repeat_of_a_story_and_another_flash() {
    let long = of(&prose(&words(1, 300)));
    assert_eq!(long.clone().beside("Ferry to stop").similarity(&long.clone().beside("FERRY to stop!")), 1.0);
    assert_eq!(long.clone().beside("Ferry to stop").similarity(&long.beside("Night boats end")), 0.99);
    let flash = of("It will stop.");
    assert_eq!(flash.clone().beside("Ferry").similarity(&flash.clone().beside("Ferry")), 1.0);
    assert_eq!(flash.clone().beside("Ferry").similarity(&flash.beside("Train")), 0.0);
}

#[test]
fn a_table_with_other_figures_is_another_story() {
    let table =
        |day| filled(&"Copper closed at # a tonne; wheat, for delivery in May, at #; and crude at #. ".repeat(20), day);
    assert!(!repeats(&table(1), &table(2)));
    assert!(repeats(&table(1), &table(1)));
}

#[test]
fn a_form_that_is_filled_in_anew_is_another_story() {
    for form in [WEATHER, MARKETS] {
        for day in 0..50 {
            assert!(!repeats(&filled(form, day), &filled(form, day + 1000)), "{form} on day {day}");
        }
        assert!(repeats(&filled(form, 1), &filled(form, 1)));
    }
}

#[test]
fn what_stands_under_every_page_of_a_site_joins_nothing() {
    let notice = words(7, 120).join(" ");
    for n in 0..100 {
        let page = |n| format!("{}\n\n{notice}", prose(&words(n, 200)));
        assert!(!repeats(&page(100 + n), &page(1000 + n)), "page {n}");
    }
}

#[test]
fn captions_of_one_gallery_in_two_articles_join_nothing() {
    let gallery = words(7, 900).join(" ");
    for n in 0..100 {
        let page = |n| format!("{}\n\n{gallery}\n\n{}", prose(&words(n, 200)), prose(&words(n + 10_000, 200)));
        assert!(!repeats(&page(100 + n), &page(1000 + n)), "page {n}");
    }
    assert!(repeats(&gallery, &gallery), "a text without paragraphs is known by its beginning");
}

#[test]
fn one_quotation_in_two_articles_joins_nothing() {
    let quotation = words(7, 60).join(" ");
    for n in 0..100 {
        let page = |n| format!("{}\n\n{quotation}", words(n, 80).join(" "));
        assert!(!repeats(&page(100 + n), &page(1000 + n)), "page {n}");
    }
}

#[test]
fn the_same_words_are_told_from_nearly_the_same() {
    let text = prose(&words(3, 300));
    let similarity = |other: &str| of(&text).similarity(&of(other));
    assert_eq!(similarity(&text), 1.0);
    assert_eq!(similarity(&format!("  \u{201c}{}!\u{201d} ", text.to_uppercase().replace(' ', ",  "))), 1.0);
    assert_eq!(similarity(&words(3, 300).chunks(40).map(|words| words.join(" ") + "\n\n").collect::<String>()), 1.0);
    let one_other = text.replacen(&words(3, 151)[150], "otherwise", 1);
    assert!((0.9..0.995).contains(&similarity(&one_other)), "{}", similarity(&one_other));
    let halves = words(3, 300);
    let swapped = format!("{}\n\n{}", halves[150..].join(" "), halves[..150].join(" "));
    assert_eq!(similarity(&swapped), 0.99);
}

#[test]
fn a_part_of_a_much_longer_text_is_another_story() {
    let long = words(5, 1000);
    assert!(repeats(&prose(&long), &prose(&long[..400])));
    assert!(!repeats(&prose(&long), &prose(&long[..300])));
}
