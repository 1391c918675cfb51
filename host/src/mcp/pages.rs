//! Long lists, page by page, in an order that stays.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use rmcp::ErrorData;
use rmcp::model::PaginatedRequestParams;

/// What one page has of a list that can be long.
pub(super) const PAGE: usize = 100;

/// Cuts the page out of a list that a client asks for; returns it with what to ask the next one by. A page begins after the last
/// name of the one before, so that what comes and goes meanwhile moves nothing.
pub(super) fn page<T>(
    mut items: Vec<T>,
    name: impl Fn(&T) -> &str,
    asked: Option<PaginatedRequestParams>,
    size: usize,
) -> Result<(Vec<T>, Option<String>), ErrorData> {
    items.sort_by(|one, other| name(one).cmp(name(other)));
    items.dedup_by(|later, first| name(later) == name(first));
    if let Some(cursor) = asked.and_then(|asked| asked.cursor) {
        let after = BASE64.decode(&cursor).ok();
        let after = after.and_then(|after| String::from_utf8(after).ok());
        let Some(after) = after else {
            return Err(ErrorData::invalid_params(
                "`cursor` is none of this list's: begin again without one",
                None,
            ));
        };
        items.retain(|item| name(item) > after.as_str());
    }
    let more = items.len() > size;
    items.truncate(size);
    let next = items.last().filter(|_| more);
    let next = next.map(|last| BASE64.encode(name(last)));
    Ok((items, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(cursor: &str) -> PaginatedRequestParams {
        PaginatedRequestParams::default().with_cursor(Some(cursor.to_owned()))
    }

    #[test]
    fn pages_go_on_where_the_last_one_ended() {
        let items = || vec!["c", "a", "b", "a", "d"];
        let (first, next) = page(items(), |item| item, None, 3).unwrap_or_default();
        assert_eq!(first, ["a", "b", "c"]);
        let (second, last) =
            page(items(), |item| item, next.as_deref().map(asked), 3).unwrap_or_default();
        assert_eq!((second, last), (vec!["d"], None));
    }

    #[test]
    fn a_strange_cursor_is_an_error() {
        assert!(page(vec!["a"], |item| item, Some(asked("?")), 1).is_err());
    }
}
