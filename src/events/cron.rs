//! Cron expressions as Cloudflare has them: five fields, in UTC, to the minute.
//!
//! <https://developers.cloudflare.com/workers/configuration/cron-triggers/#supported-cron-expressions>. Minutes, hours,
//! days of the month, months, days of the week (1 is Sunday, 7 Saturday); `*`, lists, ranges, steps, names of months and
//! days; `L`, `L-n`, `nW` and `LW` for days of the month; `nL` (the last such day) and `n#k` (the k-th) for days of the
//! week. When both kinds of days are restricted, either is enough. Pure: a moment goes in, a yes or no comes out.

use std::str::FromStr;

use time::{OffsetDateTime, Weekday};

/// A parsed expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    minutes: u64,
    hours: u64,
    months: u64,
    month_days: Vec<MonthDay>,
    week_days: Vec<WeekDay>,
}

/// Why a text is no expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CronError(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MonthDay {
    /// Every one of these days; bit n is day n.
    Days(u64),
    /// So many days before the month's last.
    FromLast(u8),
    /// The weekday nearest to this day, within the month.
    WeekdayNear(u8),
    /// The last weekday.
    LastWeekday,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WeekDay {
    /// Every one of these days; bit n is day n.
    Days(u64),
    /// The last such day of the month.
    Last(u8),
    /// The k-th such day of the month.
    Nth(u8, u8),
}

/// What a field may hold.
struct Field {
    name: &'static str,
    least: u8,
    most: u8,
    names: &'static [&'static str],
}

impl Cron {
    /// Whether it fires in this minute, counted from 1970 in UTC.
    #[must_use]
    pub fn fires_at(&self, minute: i64) -> bool {
        let Ok(at) = OffsetDateTime::from_unix_timestamp(minute.saturating_mul(60)) else { return false };
        has(self.minutes, at.minute()) && has(self.hours, at.hour()) && has(self.months, u8::from(at.month())) && {
            let month_days = || self.month_days.iter().any(|day| day.is(at));
            let week_days = || self.week_days.iter().any(|day| day.is(at));
            match (self.month_days.is_empty(), self.week_days.is_empty()) {
                (true, true) => true,
                (false, true) => month_days(),
                (true, false) => week_days(),
                (false, false) => month_days() || week_days(),
            }
        }
    }
}

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Self, CronError> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(CronError(format!("a cron expression has at most {TEXT_BYTES_MAX} bytes")));
        }
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let [minutes, hours, month_days, months, week_days] = fields[..] else {
            return Err(CronError(format!("a cron expression has five fields, not {}", fields.len())));
        };
        Ok(Self {
            minutes: MINUTES.set(minutes)?,
            hours: HOURS.set(hours)?,
            months: MONTHS.set(months)?,
            month_days: MONTH_DAYS.days(month_days, month_day)?,
            week_days: WEEK_DAYS.days(week_days, week_day)?,
        })
    }
}

impl Field {
    /// A comma-separated list as bits.
    fn set(&self, text: &str) -> Result<u64, CronError> {
        text.split(',').try_fold(0, |set, part| Ok(set | self.range(part)?))
    }

    /// Days, of which there are special ones; empty for every day.
    fn days<T: From<u64>>(
        &self,
        text: &str,
        special: fn(&Self, &str) -> Result<Option<T>, CronError>,
    ) -> Result<Vec<T>, CronError> {
        if text == "*" || text == "?" {
            return Ok(Vec::new());
        }
        let day = |part: &str| match special(self, part)? {
            Some(day) => Ok(day),
            None => self.range(part).map(T::from),
        };
        text.split(',').map(day).collect()
    }

    /// `*`, `a`, `a-b`, each with an optional `/step`.
    fn range(&self, text: &str) -> Result<u64, CronError> {
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => {
                (range, Some(number(step).filter(|step| *step > 0).ok_or_else(|| self.wrong(text))?))
            }
            None => (text, None),
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (self.least, self.most),
            Some((first, last)) => (self.value(first)?, self.value(last)?),
            None if step.is_some() => (self.value(range)?, self.most),
            None => (self.value(range)?, self.value(range)?),
        };
        if first > last {
            return Err(self.wrong(text));
        }
        Ok((first..=last).step_by(usize::from(step.unwrap_or(1))).fold(0, |set, value| set | 1 << value))
    }

    /// A number in range, or a name.
    fn value(&self, text: &str) -> Result<u8, CronError> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let named = named.and_then(|at| u8::try_from(at).ok()).map(|at| at + self.least);
        let value = named.or_else(|| number(text)).filter(|value| (self.least..=self.most).contains(value));
        value.ok_or_else(|| self.wrong(text))
    }

    fn wrong(&self, text: &str) -> CronError {
        let Self { name, least, most, .. } = self;
        CronError(format!("{text:?} is not in the range of the {name}: {least} to {most}"))
    }
}

impl MonthDay {
    fn is(self, at: OffsetDateTime) -> bool {
        let last = at.month().length(at.year());
        match self {
            Self::Days(days) => has(days, at.day()),
            Self::FromLast(before) => at.day() + before == last,
            Self::WeekdayNear(day) => day <= last && at.day() == nearest_weekday(at, day, last),
            Self::LastWeekday => at.day() == nearest_weekday(at, last, last),
        }
    }
}

impl WeekDay {
    fn is(self, at: OffsetDateTime) -> bool {
        let today = at.weekday().number_from_sunday();
        match self {
            Self::Days(days) => has(days, today),
            Self::Last(day) => day == today && at.day() + 7 > at.month().length(at.year()),
            Self::Nth(day, nth) => day == today && at.day().div_ceil(7) == nth,
        }
    }
}

impl From<u64> for MonthDay {
    fn from(days: u64) -> Self {
        Self::Days(days)
    }
}

impl From<u64> for WeekDay {
    fn from(days: u64) -> Self {
        Self::Days(days)
    }
}

/// `L`, `L-n`, `LW`, `nW`.
fn month_day(field: &Field, text: &str) -> Result<Option<MonthDay>, CronError> {
    let upper = text.to_ascii_uppercase();
    Ok(Some(match upper.as_str() {
        "L" => MonthDay::FromLast(0),
        "LW" | "WL" => MonthDay::LastWeekday,
        _ => match (upper.strip_prefix("L-"), upper.strip_suffix('W')) {
            (Some(before), _) => {
                MonthDay::FromLast(number(before).filter(|before| *before <= 30).ok_or_else(|| field.wrong(text))?)
            }
            (None, Some(day)) => MonthDay::WeekdayNear(field.value(day)?),
            (None, None) => return Ok(None),
        },
    }))
}

/// `L` (Saturday), `nL`, `n#k`.
fn week_day(field: &Field, text: &str) -> Result<Option<WeekDay>, CronError> {
    if text.eq_ignore_ascii_case("L") {
        return Ok(Some(WeekDay::Days(1 << field.most)));
    }
    if let Some((day, nth)) = text.split_once('#') {
        let nth = number(nth).filter(|nth| (1..=5).contains(nth)).ok_or_else(|| field.wrong(text))?;
        return Ok(Some(WeekDay::Nth(field.value(day)?, nth)));
    }
    match text.strip_suffix(['L', 'l']) {
        Some(day) => Ok(Some(WeekDay::Last(field.value(day)?))),
        None => Ok(None),
    }
}

/// The weekday nearest to a day, not leaving its month.
fn nearest_weekday(at: OffsetDateTime, day: u8, last: u8) -> u8 {
    let Ok(wanted) = at.date().replace_day(day) else { return 0 };
    match wanted.weekday() {
        Weekday::Saturday if day == 1 => 3,
        Weekday::Saturday => day - 1,
        Weekday::Sunday if day == last => day - 2,
        Weekday::Sunday => day + 1,
        _ => day,
    }
}

fn has(set: u64, value: u8) -> bool {
    set & (1 << value) != 0
}

/// Digits only: no sign.
fn number(text: &str) -> Option<u8> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

const MINUTES: Field = Field { name: "minutes", least: 0, most: 59, names: &[] };
const HOURS: Field = Field { name: "hours", least: 0, most: 23, names: &[] };
const MONTH_DAYS: Field = Field { name: "days of the month", least: 1, most: 31, names: &[] };
const MONTHS: Field = Field {
    name: "months",
    least: 1,
    most: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
const WEEK_DAYS: Field =
    Field { name: "days of the week", least: 1, most: 7, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

/// Long enough for every list that says something.
const TEXT_BYTES_MAX: usize = 512;

#[cfg(test)]
mod tests {
    use time::{Date, Month, Time};

    use super::*;

    fn minute(year: i32, month: u8, day: u8, hour: u8, minute: u8) -> i64 {
        let month = Month::try_from(month).expect("a month");
        let date = Date::from_calendar_date(year, month, day).expect("a date");
        date.with_time(Time::from_hms(hour, minute, 0).expect("a time")).assume_utc().unix_timestamp() / 60
    }

    fn cron(text: &str) -> Cron {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    /// The days of November 2026, which begins on a Sunday, on which an expression fires at noon.
    fn days(text: &str) -> Vec<u8> {
        let cron = cron(&format!("0 12 {text}"));
        (1..=30).filter(|day| cron.fires_at(minute(2026, 11, *day, 12, 0))).collect()
    }

    /// Cloudflare's own examples and every special day.
    #[test]
    fn days_are_those_of_cloudflares_table() {
        assert_eq!(days("1 * *"), [1]);
        assert_eq!(days("* * sun"), [1, 8, 15, 22, 29]);
        assert_eq!(days("* * 1"), [1, 8, 15, 22, 29]);
        assert_eq!(days("* * 2-6"), days("* * MON-fri"));
        assert_eq!(days("* * 6L"), [27]);
        assert_eq!(days("* * friL"), [27]);
        assert_eq!(days("LW * *"), [30]);
        assert_eq!(days("L * *"), [30]);
        assert_eq!(days("L-2 * *"), [28]);
        assert_eq!(days("1W * *"), [2]);
        assert_eq!(days("14W * *"), [13]);
        assert_eq!(days("15W * *"), [16]);
        assert_eq!(days("* * 3#2"), [10]);
        assert_eq!(days("* * mon#5"), [30]);
        assert_eq!(days("* * sun#5"), [29]);
        assert_eq!(days("* * 7#5"), Vec::<u8>::new());
        assert_eq!(days("13 * fri"), [6, 13, 20, 27]);
        assert_eq!(days("*/10 nov *"), [1, 11, 21]);
        assert_eq!(days("20/5,3 11 ?"), [3, 20, 25, 30]);
        assert_eq!(days("1 1-10,12 *"), Vec::<u8>::new());
    }

    /// Texts that are no expressions.
    #[test]
    fn what_is_no_expression_is_refused() {
        for text in [
            "",
            "*",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * 32 * *",
            "* * * 13 *",
            "* * * * 0",
            "* * * * 8",
            "a * * * *",
            "-1 * * * *",
            "+1 * * * *",
            "1- * * * *",
            "5-1 * * * *",
            "*/0 * * * *",
            "*/ * * * *",
            "1,,2 * * * *",
            "* * * * mon#6",
            "* * * * mon#",
            "* * W * *",
            "* * L-31 * *",
            "@daily",
            "* * * foo *",
            "1/2/3 * * * *",
        ] {
            assert!(text.parse::<Cron>().is_err(), "{text}");
        }
        assert!("1,".repeat(400).parse::<Cron>().is_err());
    }

    /// Random expressions of plain fields against a model that walks lists; 300 expressions, three years of random minutes.
    #[test]
    fn plain_expressions_agree_with_a_naive_model() {
        let seed = 0x5eed_u64;
        println!("seed {seed:#x}");
        let mut state = seed;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let base = minute(2024, 1, 1, 0, 0);
        for _ in 0..300 {
            let mut texts = Vec::new();
            let mut lists: Vec<Option<Vec<u64>>> = Vec::new();
            for (least, most) in [(0, 59), (0, 23), (1, 31), (1, 12), (1, 7)] {
                let span = most - least + 1;
                let (first, step) = (least + next(span), 1 + next(4));
                let last = first + next(most - first + 1);
                let (text, list) = match next(3) {
                    0 => ("*".to_owned(), None),
                    1 => (format!("{first}-{last}/{step}"), Some((first..=last).step_by(step as usize).collect())),
                    _ => (format!("{first},{last}"), Some(vec![first, last])),
                };
                texts.push(text);
                lists.push(list);
            }
            let expression = cron(&texts.join(" "));
            for _ in 0..200 {
                let at_minute = base + i64::try_from(next(3 * 365 * 24 * 60)).expect("fits");
                let at = OffsetDateTime::from_unix_timestamp(at_minute * 60).expect("a time");
                let fits =
                    |index: usize, value: u8| lists[index].as_ref().is_none_or(|list| list.contains(&value.into()));
                let (day, week_day) = (fits(2, at.day()), fits(4, at.weekday().number_from_sunday()));
                let days = if lists[2].is_some() && lists[4].is_some() { day || week_day } else { day && week_day };
                let expected = fits(0, at.minute()) && fits(1, at.hour()) && fits(3, at.month().into()) && days;
                assert_eq!(expression.fires_at(at_minute), expected, "{texts:?} at {at}");
            }
        }
    }
}
