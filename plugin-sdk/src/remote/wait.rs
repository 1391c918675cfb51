//! How long a server asks to wait.

use std::time::{Duration, SystemTime};

/// Reads the headers that say it, in milliseconds: `retry-after-ms`, or `retry-after` in seconds or as a date, which is
/// taken by the server's own clock where it tells it.
pub(super) fn asked<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Option<u64> {
    let number = |text: &str| {
        let number: f64 = text.trim().parse().ok()?;
        (number.is_finite() && number >= 0.0).then_some(number)
    };
    let milliseconds = header("retry-after-ms").and_then(number).or_else(|| {
        let text = header("retry-after")?;
        number(text).map(|seconds| seconds * 1000.0).or_else(|| {
            let until = httpdate::parse_http_date(text.trim()).ok()?;
            let now = header("date").and_then(|date| httpdate::parse_http_date(date).ok());
            let wait = until.duration_since(now.unwrap_or_else(SystemTime::now));
            Some(wait.unwrap_or(Duration::ZERO).as_secs_f64() * 1000.0)
        })
    })?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is not negative, and what is too large becomes the largest"
    )]
    Some(milliseconds.ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[(&str, &'static str)]) -> Option<u64> {
        asked(|name| {
            let found = headers.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| *value)
        })
    }

    #[test]
    fn a_wait_is_seconds_milliseconds_or_a_date() {
        assert_eq!(of(&[("retry-after", "7")]), Some(7000));
        assert_eq!(of(&[("retry-after", "0.25")]), Some(250));
        let both = [("retry-after", "7"), ("retry-after-ms", "1500")];
        assert_eq!(of(&both), Some(1500));
        let date = ("date", "Wed, 21 Oct 2015 07:28:00 GMT");
        let after = ("retry-after", "Wed, 21 Oct 2015 07:28:30 GMT");
        assert_eq!(of(&[date, after]), Some(30_000));
        let past = ("retry-after", "Wed, 21 Oct 2015 07:27:00 GMT");
        assert_eq!(of(&[date, past]), Some(0));
        assert_eq!(of(&[past]), Some(0));
    }

    #[test]
    fn what_is_no_wait_is_none() {
        for text in [
            "",
            "soon",
            "-1",
            "NaN",
            "inf",
            "Wed, 99 Oct 2015 07:28:00 GMT",
        ] {
            assert_eq!(of(&[("retry-after", text)]), None, "{text}");
        }
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[("retry-after", "1e300")]), Some(u64::MAX));
    }
}
