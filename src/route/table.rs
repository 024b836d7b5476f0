//! Where the patterns of one host lead: the most specific one that takes a path.
//!
//! Pure. Finding costs a binary search and a walk along beginnings of beginnings, whatever the number of patterns.

use super::pattern::PathPattern;

/// The patterns on one host, or on everything below one.
#[derive(Debug)]
pub struct HostTable<T> {
    /// Patterns that name exactly these hosts.
    own: PathTable<T>,
    /// Patterns that take these hosts and others.
    wide: PathTable<T>,
}

/// Where the paths lead.
#[derive(Debug)]
struct PathTable<T> {
    /// Sorted by path.
    exact: Vec<(String, T)>,
    /// Sorted by text.
    beginnings: Vec<Beginning<T>>,
}

#[derive(Debug)]
struct Beginning<T> {
    text: String,
    /// The longest other one that this one begins with; it stands before this one.
    within: Option<usize>,
    target: T,
}

impl<T> HostTable<T> {
    /// Of patterns that name exactly these hosts, and of those that take others, too. Of two with the same path in the
    /// same list the first counts.
    #[must_use]
    pub fn new(own: Vec<(PathPattern, T)>, wide: Vec<(PathPattern, T)>) -> Self {
        Self { own: PathTable::new(own), wide: PathTable::new(wide) }
    }

    /// Where this path, with its query, leads.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&T> {
        self.own.find(path).or_else(|| self.wide.find(path))
    }

    /// Whether there is no pattern.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.own.is_empty() && self.wide.is_empty()
    }
}

impl<T> PathTable<T> {
    fn new(patterns: Vec<(PathPattern, T)>) -> Self {
        let (mut exact, mut texts) = (Vec::new(), Vec::new());
        for (pattern, target) in patterns {
            match pattern {
                PathPattern::Exact(path) => exact.push((path, target)),
                PathPattern::Beginning(text) => texts.push((text, target)),
            }
        }
        // Both sorts keep the order of equals, so that the first of them stays.
        exact.sort_by(|(one, _), (other, _)| one.cmp(other));
        exact.dedup_by(|(later, _), (earlier, _)| later == earlier);
        texts.sort_by(|(one, _), (other, _)| one.cmp(other));
        texts.dedup_by(|(later, _), (earlier, _)| later == earlier);
        let mut beginnings: Vec<Beginning<T>> = Vec::with_capacity(texts.len());
        for (text, target) in texts {
            let last = beginnings.len().checked_sub(1);
            let within = longest(&beginnings, last, &text);
            beginnings.push(Beginning { text, within, target });
        }
        Self { exact, beginnings }
    }

    fn find(&self, path: &str) -> Option<&T> {
        if let Ok(at) = self.exact.binary_search_by(|(exact, _)| exact.as_str().cmp(path)) {
            return self.exact.get(at).map(|(_, target)| target);
        }
        let last = self.beginnings.partition_point(|beginning| beginning.text.as_str() <= path).checked_sub(1);
        longest(&self.beginnings, last, path).and_then(|at| self.beginnings.get(at)).map(|found| &found.target)
    }

    fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.beginnings.is_empty()
    }
}

/// The longest that `text` begins with, where `at` is the last that does not sort behind it: whatever sorts between a
/// beginning of the text and the text begins with that beginning, too, so it is this one or one that this one is within.
fn longest<T>(beginnings: &[Beginning<T>], mut at: Option<usize>, text: &str) -> Option<usize> {
    loop {
        let found = beginnings.get(at?)?;
        if text.starts_with(&found.text) {
            return at;
        }
        at = found.within;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks every path up by trying all patterns.
    fn naive(patterns: &[(PathPattern, usize)], path: &str) -> Option<usize> {
        let exact = patterns.iter().find(|(pattern, _)| *pattern == PathPattern::Exact(path.to_owned()));
        let mut best: Option<(usize, usize)> = None;
        for (pattern, target) in patterns {
            if let PathPattern::Beginning(text) = pattern
                && path.starts_with(text)
                && best.is_none_or(|(length, _)| text.len() > length)
            {
                best = Some((text.len(), *target));
            }
        }
        exact.map(|(_, target)| *target).or(best.map(|(_, target)| target))
    }

    /// Random patterns and paths of few letters, so that they often meet, against trying all of them.
    #[test]
    fn the_most_specific_pattern_wins() {
        let seed = 0x5eed_u64;
        println!("seed {seed:#x}");
        let mut state = seed;
        let mut below = |max: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % max).expect("small")
        };
        let text = |below: &mut dyn FnMut(u64) -> usize| -> String {
            let length = below(6);
            std::iter::once('/').chain((0..length).map(|_| ['a', 'b', '/'][below(3)])).collect()
        };
        for _ in 0..300 {
            let count = below(20);
            let patterns: Vec<_> = (0..count)
                .map(|at| {
                    let star = if below(5) < 3 { "*" } else { "" };
                    (PathPattern::of(&format!("{}{star}", text(&mut below))), at)
                })
                .collect();
            let table = HostTable::new(patterns.clone(), Vec::new());
            for _ in 0..50 {
                let path = text(&mut below);
                assert_eq!(table.find(&path).copied(), naive(&patterns, &path), "{path} in {patterns:?}");
            }
        }
    }

    /// A pattern for exactly this host comes before any that takes others.
    #[test]
    fn the_nearer_host_comes_first() {
        let own = vec![(PathPattern::of("/a*"), 1)];
        let table = HostTable::new(own, vec![(PathPattern::of("/ab"), 2), (PathPattern::of("/*"), 3)]);
        assert_eq!([table.find("/ab"), table.find("/b"), table.find("")], [Some(&1), Some(&3), None]);
    }
}
