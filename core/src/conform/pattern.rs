//! Regular expressions by their names.

/// Names a regular expression.
macro_rules! pattern {
    ($name:ident = $pattern:literal) => {
        static $name: std::sync::LazyLock<regex::Regex> = std::sync::LazyLock::new(|| {
            regex::Regex::new($pattern).expect("the pattern is a regular expression")
        });
    };
}
pub(super) use pattern;
