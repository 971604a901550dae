//! Where in a JSON document something went wrong.

use std::fmt;

/// A step from an array or object to a value in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// To an object's member.
    Member(Box<str>),
    /// To an array's element.
    Index(usize),
}

/// The steps from the document to a value in it. Shown as `$[3].notes[0].rating`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// The innermost one first, because an error collects them on its way out.
    steps: Vec<Step>,
}

impl Path {
    /// How many steps are shown. A longer path is cut in the middle.
    const SHOWN: usize = 20;

    /// Adds a step at the front: the path as seen from one level further out.
    pub fn enter(&mut self, step: Step) {
        self.steps.push(step);
    }
}

/// An error that collects the path to where it happened.
pub trait Traced: Sized {
    /// An error about rows that do not fit their shape.
    fn new(what: String) -> Self;

    /// The same error, one level further out.
    #[must_use]
    fn under(self, step: Step) -> Self;

    /// The same error, in a member of an object.
    #[must_use]
    fn under_member(self, name: &str) -> Self {
        self.under(Step::Member(name.into()))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("$")?;
        let count = self.steps.len();
        for (place, step) in self.steps.iter().rev().enumerate() {
            if count > Self::SHOWN && place == Self::SHOWN / 2 {
                formatter.write_str("…")?;
            }
            if count <= Self::SHOWN || place < Self::SHOWN / 2 || place >= count - Self::SHOWN / 2 {
                write!(formatter, "{step}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(formatter, "[{index}]"),
            Self::Member(name) if is_identifier(name) => write!(formatter, ".{name}"),
            Self::Member(name) => write!(formatter, "[{name:?}]"),
        }
    }
}

fn is_identifier(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|character| character.is_alphanumeric() || character == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(steps: &[Step]) -> String {
        let mut path = Path::default();
        for step in steps.iter().rev() {
            path.enter(step.clone());
        }
        path.to_string()
    }

    #[test]
    fn a_path_is_shown_as_it_would_be_written() {
        let member = |name: &str| Step::Member(name.into());
        assert_eq!(shown(&[]), "$");
        let steps = [Step::Index(3), member("notes"), Step::Index(0), member("rating")];
        assert_eq!(shown(&steps), "$[3].notes[0].rating");
        assert_eq!(
            shown(&[member("a b"), member(""), member("1"), member("é")]),
            r#"$["a b"][""]["1"].é"#
        );
    }

    #[test]
    fn a_long_path_is_cut() {
        let steps: Vec<Step> = (0..30).map(Step::Index).collect();
        assert_eq!(
            shown(&steps),
            "$[0][1][2][3][4][5][6][7][8][9]…[20][21][22][23][24][25][26][27][28][29]"
        );
    }
}
