//! Numbers of things, in words.

/// Says how many there are of something: `1 byte`, `2 bytes`.
pub fn counted(number: u64, one: &str) -> String {
    if number == 1 {
        format!("{number} {one}")
    } else {
        format!("{number} {one}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_a_thing_is_no_plural() {
        assert_eq!(counted(0, "byte"), "0 bytes");
        assert_eq!(counted(1, "byte"), "1 byte");
        assert_eq!(counted(2, "byte"), "2 bytes");
    }
}
