//! What a text brings along that is nobody's prose: the remains of a page, and advertising that was
//! written over it.

use std::sync::LazyLock;

use super::lists::Pattern;

/// Codes, tags, entities and navigation of a page, and text that was read in a wrong encoding.
pub(crate) static REMAINS: LazyLock<Pattern> =
    LazyLock::new(|| Pattern::any_of(include_str!("data/debris.txt")));

/// Words of gambling and advertising, as they are written over the pages of a hacked site.
pub(crate) static ADVERTISING: LazyLock<Pattern> =
    LazyLock::new(|| Pattern::any_of(include_str!("data/spam.txt")));
