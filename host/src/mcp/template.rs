//! Which addresses a URI template stands for: RFC 6570, level 1 and 2.

/// A template that addresses are compared with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Template<'a>(Vec<Piece<'a>>);

#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    /// What has to stand there.
    Text(&'a str),
    /// `{name}`: what separates the parts of an address stays out.
    Simple(&'a str),
    /// `{+name}`: anything.
    Reserved(&'a str),
    /// `{#name}`: a number sign and anything, or nothing.
    Fragment(&'a str),
}

impl<'a> Template<'a> {
    /// Reads a template; none where it needs a higher level, or is no template.
    pub(super) fn parse(template: &'a str) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut rest = template;
        while let Some((text, more)) = rest.split_once('{') {
            if text.contains('}') {
                return None;
            }
            let (expression, more) = more.split_once('}')?;
            pieces.push(Piece::Text(text));
            pieces.push(match expression.as_bytes().first()? {
                b'+' => Piece::Reserved(name(&expression[1..])?),
                b'#' => Piece::Fragment(name(&expression[1..])?),
                _ => Piece::Simple(name(expression)?),
            });
            rest = more;
        }
        if rest.contains('}') {
            return None;
        }
        pieces.push(Piece::Text(rest));
        Some(Self(pieces))
    }

    /// Returns the names of the variables.
    pub(super) fn variables(&self) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Simple(name) | Piece::Reserved(name) | Piece::Fragment(name) => Some(*name),
        })
    }

    /// Tells whether an address is one of the template's. Takes as long as the address is times the template has pieces, whatever
    /// both are.
    pub(super) fn matches(&self, uri: &str) -> bool {
        let bytes = uri.as_bytes();
        // Where what follows may begin.
        let mut begins = vec![false; bytes.len() + 1];
        begins[0] = true;
        for piece in &self.0 {
            let mut ends = vec![false; bytes.len() + 1];
            match piece {
                Piece::Text(text) => {
                    let text = text.as_bytes();
                    for at in (0..begins.len()).filter(|at| begins[*at]) {
                        if bytes[at..].starts_with(text) {
                            ends[at + text.len()] = true;
                        }
                    }
                }
                Piece::Simple(_) => fill(&begins, &mut ends, |at| !b"/?#".contains(&bytes[at])),
                Piece::Reserved(_) => fill(&begins, &mut ends, |_| true),
                Piece::Fragment(_) => {
                    ends.clone_from(&begins);
                    let after: Vec<bool> = (0..begins.len())
                        .map(|at| at > 0 && begins[at - 1] && bytes[at - 1] == b'#')
                        .collect();
                    fill(&after, &mut ends, |_| true);
                }
            }
            begins = ends;
        }
        begins.last() == Some(&true)
    }
}

/// Marks all ends of a value of at least one byte.
fn fill(begins: &[bool], ends: &mut [bool], fits: impl Fn(usize) -> bool) {
    let mut inside = false;
    for at in 1..begins.len() {
        inside = (inside || begins[at - 1]) && fits(at - 1);
        ends[at] |= inside;
    }
}

fn name(text: &str) -> Option<&str> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.%".contains(c);
    (!text.is_empty() && text.chars().all(fits)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(template: &str, fits: &[&str], others: &[&str]) {
        let read = Template::parse(template).unwrap_or_else(|| panic!("{template} is a template"));
        for uri in fits {
            assert!(read.matches(uri), "{template} has {uri}");
        }
        for uri in others {
            assert!(!read.matches(uri), "{template} does not have {uri}");
        }
    }

    #[test]
    fn a_variable_is_one_part_of_an_address() {
        check(
            "notes://{id}/data",
            &["notes://1/data", "notes://a%20b/data", "notes://é/data"],
            &[
                "notes:///data",
                "notes://1/2/data",
                "notes://1/data/x",
                "notes://1",
            ],
        );
        check("a:{x}-{y}", &["a:1-2", "a:1-2-3"], &["a:1", "a:-"]);
    }

    #[test]
    fn a_reserved_variable_is_anything() {
        check(
            "repo://{+path}",
            &["repo://a/b/c?d"],
            &["repo://", "rep://a"],
        );
        check("x:a{#part}", &["x:a", "x:a#b/c"], &["x:ab", "x:a#"]);
    }

    #[test]
    fn higher_levels_are_none() {
        for template in [
            "a:{/x}", "a:{?x}", "a:{x,y}", "a:{x*}", "a:{x:3}", "a:{", "a:}", "a:{}",
        ] {
            assert_eq!(Template::parse(template), None, "{template}");
        }
    }

    #[test]
    fn a_template_of_many_variables_is_no_trap() {
        let template = "x:".to_owned() + &"{+a}".repeat(500);
        let uri = "x:".to_owned() + &"a".repeat(4000);
        assert!(Template::parse(&template).is_some_and(|read| read.matches(&uri)));
        assert!(!Template::parse(&(template + "b")).is_some_and(|read| read.matches(&uri)));
    }

    #[test]
    fn variables_are_named() {
        let read = Template::parse("a:{x}/{+y}{#z}");
        let names: Vec<_> = read.iter().flat_map(Template::variables).collect();
        assert_eq!(names, ["x", "y", "z"]);
    }
}
