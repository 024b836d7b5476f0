//! Hosts: <https://url.spec.whatwg.org/#host-parsing>. Answers with what is written in a URL.

use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

use percent_encoding::percent_decode_str;

use super::encode::{CONTROL, encoded};

/// The host parser; of a special scheme it is a domain or an address, of another it is what it says.
pub(super) fn parse(input: &str, is_special: bool) -> Option<String> {
    if let Some(rest) = input.strip_prefix('[') {
        return rest.strip_suffix(']')?.parse().ok().map(bracketed);
    }
    if !is_special {
        return opaque(input);
    }
    let bytes: Vec<u8> = percent_decode_str(input).collect();
    let decoded = String::from_utf8_lossy(&bytes);
    // Refuses what is forbidden in a domain, and an empty one.
    let domain = idna::domain_to_ascii_cow(decoded.as_bytes(), idna::AsciiDenyList::URL).ok()?;
    if domain.is_empty() {
        return None;
    }
    if ends_in_number(&domain) {
        return ipv4(&domain).map(|address| address.to_string());
    }
    Some(domain.into_owned())
}

/// <https://url.spec.whatwg.org/#concept-opaque-host-parser>
fn opaque(input: &str) -> Option<String> {
    let is_forbidden = |c: char| "\0\t\n\r #/:<>?@[\\]^|".contains(c);
    (!input.contains(is_forbidden)).then(|| encoded(input, CONTROL))
}

/// <https://url.spec.whatwg.org/#ends-in-a-number-checker>
fn ends_in_number(domain: &str) -> bool {
    let last = match domain.strip_suffix('.').unwrap_or(domain).rsplit('.').next() {
        Some("") | None => return false,
        Some(last) => last,
    };
    last.bytes().all(|byte| byte.is_ascii_digit()) || ipv4_number(last).is_some()
}

/// <https://url.spec.whatwg.org/#concept-ipv4-parser>
fn ipv4(domain: &str) -> Option<Ipv4Addr> {
    let parts: Vec<&str> = domain.strip_suffix('.').unwrap_or(domain).split('.').collect();
    if parts.len() > 4 {
        return None;
    }
    let (last, first) = parts.split_last()?;
    let mut address = 0_u32;
    for (index, part) in (0_u32..).zip(first) {
        let number = u8::try_from(ipv4_number(part)?).ok()?;
        address |= u32::from(number) << (24 - 8 * index);
    }
    let room = 8 * (4 - u32::try_from(first.len()).ok()?);
    let rest = ipv4_number(last)?;
    if rest >= 1 << room {
        return None;
    }
    Some(Ipv4Addr::from(address | u32::try_from(rest).ok()?))
}

/// <https://url.spec.whatwg.org/#ipv4-number-parser>; what is too large for an address stays too large.
fn ipv4_number(part: &str) -> Option<u64> {
    let (digits, radix) = if let Some(hex) = part.strip_prefix("0x").or_else(|| part.strip_prefix("0X")) {
        (hex, 16)
    } else if part.len() > 1 && part.starts_with('0') {
        (&part[1..], 8)
    } else if part.is_empty() {
        return None;
    } else {
        (part, 10)
    };
    digits.chars().try_fold(0_u64, |sum, digit| {
        let digit = digit.to_digit(radix)?;
        Some(sum.saturating_mul(u64::from(radix)).saturating_add(u64::from(digit)))
    })
}

/// <https://url.spec.whatwg.org/#concept-ipv6-serializer>, which knows no dotted form.
fn bracketed(address: Ipv6Addr) -> String {
    let pieces = address.segments();
    let zeros = longest_zeros(&pieces);
    let mut text = String::from("[");
    let mut index = 0;
    while index < pieces.len() {
        if let Some((start, length)) = zeros
            && index == start
        {
            text.push_str(if start == 0 { "::" } else { ":" });
            index += length;
            continue;
        }
        // Writing to a string cannot fail.
        let _ = write!(text, "{:x}", pieces[index]);
        if index + 1 < pieces.len() {
            text.push(':');
        }
        index += 1;
    }
    text.push(']');
    text
}

/// Start and length of the first longest run of two zeros or more.
fn longest_zeros(pieces: &[u16; 8]) -> Option<(usize, usize)> {
    let mut longest: Option<(usize, usize)> = None;
    let mut start = 0;
    while start < pieces.len() {
        let length = pieces[start..].iter().take_while(|piece| **piece == 0).count();
        if length > 1 && longest.is_none_or(|(_, most)| length > most) {
            longest = Some((start, length));
        }
        start += length + 1;
    }
    longest
}
