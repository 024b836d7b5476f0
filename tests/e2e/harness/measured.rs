//! Figures: taken when `EYOT_MEASURE` is set, on a release build and a quiet machine, and written into the README.

use super::repository;

/// Whether figures are to be taken: then bounds on them are asserted too, which a busy machine would not keep.
pub(crate) fn measuring() -> bool {
    std::env::var_os("EYOT_MEASURE").is_some()
}

/// Prints a table, and when measuring puts it between the README's marks of this name.
pub(crate) fn publish(name: &str, table: &str) {
    println!("{table}");
    if !measuring() {
        return;
    }
    let path = repository().join("README.md");
    let text = std::fs::read_to_string(&path).expect("the README");
    let (begin, end) = (format!("<!-- {name}:begin -->\n"), format!("<!-- {name}:end -->"));
    let (before, rest) = text.split_once(&begin).expect("the mark where it begins");
    let (_, after) = rest.split_once(&end).expect("the mark where it ends");
    std::fs::write(&path, format!("{before}{begin}{table}{end}{after}")).expect("the README is writable");
}
