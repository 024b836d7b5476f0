//! The parser as it is driven from outside, without JavaScript.

use lol_html::AsciiCompatibleEncoding;
use lol_html::html_content::ContentType;

use super::*;
use crate::isolate::body::Held;
use crate::isolate::gauge::MemoryGauge;

fn elements(selector: &str) -> Handler {
    let selector = Some(selector.parse().expect("a selector"));
    Handler { selector, wanted: vec![(Wanted::Element, 7)], doctype: None, end: None }
}

fn output(rewriting: &Rewriting) -> String {
    let mut into = vec![0; rewriting.waiting()];
    rewriting.take_output(&mut into);
    String::from_utf8(into).expect("UTF-8")
}

/// A handler that inserts a string and a stream, and is told of the end tag.
#[test]
fn the_parser_stops_at_handlers_streams_and_end_tags() {
    let gauge = MemoryGauge::new(64 << 20);
    let held = || Held::reserve(&gauge, 100).expect("it fits");
    let mut rewriting =
        Rewriting::new(vec![elements("p")], AsciiCompatibleEncoding::utf_8(), Selectors::default(), &gauge)
            .expect("it fits");
    let event = rewriting.step(Input::Chunk(b"a<p class=x>b".to_vec())).expect("no error");
    assert_eq!(event, Some(Event::Handle(7)));
    rewriting.insert(Place::Before, Content::Written("<".into(), held()), ContentType::Text).expect("a place");
    rewriting.insert(Place::Append, Content::Stream(9, held()), ContentType::Html).expect("a place");
    rewriting.on_end_tag(8, held()).expect("an end tag");
    assert_eq!(rewriting.step(Input::Continue).expect("no error"), Some(Event::NeedInput));
    assert_eq!(output(&rewriting), "a&lt;<p class=x>b");
    assert!(rewriting.with(|_| ()).is_none(), "no unit between handlers");
    assert_eq!(rewriting.step(Input::Chunk(b"c</p>d".to_vec())).expect("no error"), Some(Event::Handle(8)));
    assert_eq!(rewriting.step(Input::Continue).expect("no error"), Some(Event::Handle(9)));
    rewriting.with(|view| match view {
        View::Sink(sink) => sink.write_str("<i>", ContentType::Html),
        _ => panic!("a sink"),
    });
    assert_eq!(rewriting.step(Input::Continue).expect("no error"), Some(Event::NeedInput));
    assert_eq!(rewriting.step(Input::End).expect("no error"), None);
    assert_eq!(output(&rewriting), "c<i></p>d");
    let mut forgotten: Vec<u32> = std::iter::from_fn(|| rewriting.take_forgotten()).collect();
    forgotten.sort_unstable();
    assert_eq!(forgotten, [8, 9]);
    assert!(rewriting.step(Input::End).is_err(), "it is over");
    drop(rewriting);
    assert_eq!(gauge.buffer_bytes(), 0);
}

/// Dropped while a handler runs, while input is wanted, and before it has begun.
#[test]
fn a_rewriting_can_be_left_anywhere() {
    let gauge = MemoryGauge::new(64 << 20);
    for steps in 0..4 {
        let handlers = vec![elements("p"), elements("p b")];
        let mut rewriting =
            Rewriting::new(handlers, AsciiCompatibleEncoding::utf_8(), Selectors::default(), &gauge).expect("it fits");
        for step in 0..steps {
            let input = if step == 0 { Input::Chunk(b"<p><b>x</b>".to_vec()) } else { Input::Continue };
            rewriting.step(input).expect("no error");
        }
        drop(rewriting);
        assert_eq!(gauge.buffer_bytes(), 0, "after {steps} steps");
    }
}

/// One tag of nothing but attributes, and elements nested without end.
#[test]
fn what_the_parser_keeps_is_bounded() {
    for (endless, selector) in [("<p ", "p"), ("<p>", "q")] {
        let gauge = MemoryGauge::new(64 << 20);
        let mut rewriting =
            Rewriting::new(vec![elements(selector)], AsciiCompatibleEncoding::utf_8(), Selectors::default(), &gauge)
                .expect("it fits");
        let piece = if endless == "<p " { "a ".repeat(8 << 10) } else { endless.repeat(5 << 10) };
        rewriting.step(Input::Chunk(endless.as_bytes().to_vec())).expect("no error");
        let failed = (0..2_000).find_map(|_| {
            let stepped = rewriting.step(Input::Chunk(piece.as_bytes().to_vec()));
            output(&rewriting);
            stepped.err()
        });
        assert!(failed.is_some(), "{endless} is refused at some time");
    }
}
