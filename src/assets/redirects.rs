//! `_redirects`: rules that send a path elsewhere, <https://developers.cloudflare.com/workers/static-assets/redirects/>.
//!
//! One rule a line: a path, where it leads, a status. Lines that are no rule are skipped with a remark, as Cloudflare
//! does; the first rule that matches counts, those without variable parts before the others.

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::pattern::{Pattern, fill};

/// One rule, as its version keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirect {
    from: String,
    to: String,
    status: u16,
}

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Led {
    /// The client is to ask there.
    Away { to: String, status: StatusCode },
    /// The asset at this path is the answer.
    Proxied { path: String },
}

/// Reads the file; gives the rules and what was skipped.
pub(super) fn parse(text: &str) -> (Vec<Redirect>, Vec<String>) {
    let (mut rules, mut skipped) = (Vec::<Redirect>::new(), Vec::new());
    let (mut fixed, mut dynamic) = (0, 0);
    for (at, line) in text.lines().enumerate() {
        let line = line.split(" #").next().unwrap_or_default().trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let count = if Pattern::parse(line.split_whitespace().next().unwrap_or_default()).is_literal() {
            &mut fixed
        } else {
            &mut dynamic
        };
        *count += 1;
        match rule(line) {
            Ok(rule) if rules.iter().any(|other| other.from == rule.from) => {
                skipped.push(format!("_redirects line {}: a rule for {} is there already", at + 1, rule.from));
            }
            Ok(_) if fixed > FIXED_MAX || dynamic > DYNAMIC_MAX => {
                skipped.push(format!("_redirects line {}: too many rules", at + 1));
            }
            Ok(rule) => rules.push(rule),
            Err(why) => skipped.push(format!("_redirects line {}: {why}", at + 1)),
        }
    }
    skipped.truncate(REMARKS_MAX);
    (rules, skipped)
}

/// The first rule that matches.
pub(super) fn led(rules: &[Redirect], path: &str, query: Option<&str>) -> Option<Led> {
    let (fixed, dynamic): (Vec<&Redirect>, Vec<&Redirect>) =
        rules.iter().partition(|rule| !rule.from.contains(['*', ':']));
    let (rule, captures) = fixed
        .into_iter()
        .chain(dynamic)
        .find_map(|rule| Pattern::parse(&rule.from).matches(path).map(|captures| (rule, captures)))?;
    let mut to = fill(&rule.to, &captures);
    if rule.status == 200 {
        return to.starts_with('/').then_some(Led::Proxied { path: to });
    }
    // A captured part must not turn a path into another host.
    if rule.to.starts_with('/') {
        to = format!("/{}", to.trim_start_matches(['/', '\\']));
    }
    if let (Some(query), false) = (query, to.contains('?')) {
        let (path, fragment) = to.split_once('#').map_or((to.as_str(), None), |(path, rest)| (path, Some(rest)));
        to = format!("{path}?{query}{}", fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default());
    }
    let status = StatusCode::from_u16(rule.status).ok()?;
    Some(Led::Away { to, status })
}

fn rule(line: &str) -> Result<Redirect, String> {
    if line.len() > LINE_BYTES_MAX {
        return Err(format!("longer than {LINE_BYTES_MAX} bytes"));
    }
    let parts: Vec<&str> = line.split_whitespace().collect();
    let (from, to, status) = match parts.as_slice() {
        [from, to] => (*from, *to, 302),
        [from, to, status] => (*from, *to, status.parse().map_err(|_| format!("{status:?} is no status"))?),
        _ => return Err("expected a path, where it leads, and perhaps a status".to_owned()),
    };
    if !from.starts_with('/') {
        return Err(format!("{from:?} is not a path"));
    }
    if Pattern::parse(from).has_two_splats() {
        return Err("more than one *".to_owned());
    }
    let absolute = to.starts_with("https://") || to.starts_with("http://");
    if !(to.starts_with('/') || absolute) || to.chars().any(char::is_control) {
        return Err(format!("{to:?} is neither a path nor a URL"));
    }
    match status {
        301 | 302 | 303 | 307 | 308 => {}
        200 if !absolute => {}
        200 => return Err("a proxied target must be a path".to_owned()),
        _ => return Err(format!("status {status} is not 200, 301, 302, 303, 307 or 308")),
    }
    Ok(Redirect { from: from.to_owned(), to: to.to_owned(), status })
}

/// Rules without variable parts; Cloudflare's limit.
const FIXED_MAX: usize = 2_000;

/// Rules with variable parts; Cloudflare's limit.
const DYNAMIC_MAX: usize = 100;

/// Bytes of one rule.
const LINE_BYTES_MAX: usize = 2_000;

/// Remarks on skipped lines.
const REMARKS_MAX: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn away(rules: &[Redirect], path: &str, query: Option<&str>) -> Option<(String, u16)> {
        match led(rules, path, query)? {
            Led::Away { to, status } => Some((to, status.as_u16())),
            Led::Proxied { path } => Some((path, 200)),
        }
    }

    /// Statuses, variables, queries, precedence, and lines that are no rules.
    #[test]
    fn rules_lead_where_they_say() {
        let text = "# comment\n/a /b\n/a /twice\n/c /d 301\n/blog/* https://blog.example.com/:splat 308\n\
                    /u/:id /users?id=:id 307\n/app/* /index.html 200\n/* /everything 302\nno /x\n/x\n/y /z 404\n\
                    /* /two/*/splats/*\n/p/* https://x.test/ 200\n//evil /x # comment\n/open/* /:splat\n";
        let (rules, skipped) = parse(text);
        assert_eq!(rules.len(), 8, "{skipped:?}");
        assert_eq!(skipped.len(), 6, "{skipped:?}");
        for (path, query, wanted) in [
            ("/a", None, ("/b", 302)),
            ("/a", Some("q=1"), ("/b?q=1", 302)),
            ("/c", None, ("/d", 301)),
            ("/blog/x/y", None, ("https://blog.example.com/x/y", 308)),
            ("/u/7", Some("q"), ("/users?id=7", 307)),
            ("/app/any/where", None, ("/index.html", 200)),
            ("/else", None, ("/everything", 302)),
        ] {
            assert_eq!(away(&rules, path, query), Some((wanted.0.to_owned(), wanted.1)), "{path}");
        }
        let (rules, _) = parse("/open/* /:splat\n");
        assert_eq!(away(&rules, "/open//evil.example", None), Some(("/evil.example".to_owned(), 302)));
        assert_eq!(away(&rules, "/nothing", None), None);
    }

    /// More rules than are kept.
    #[test]
    fn rules_are_counted() {
        let fixed: String = (0..2_100).map(|at| format!("/f{at} /x\n")).collect();
        let dynamic: String = (0..110).map(|at| format!("/d{at}/* /x\n")).collect();
        let (rules, skipped) = parse(&(fixed + &dynamic));
        assert_eq!(rules.len(), 2_000);
        assert_eq!(skipped.len(), REMARKS_MAX);
    }
}
