//! Whose a report or a file is, of the units on a roster: told only where it is beyond doubt.

use std::collections::HashMap;

use super::MAX_NAME;
use super::file_name::{file_and_folders, words_of};
use super::nearest::NameIndex;
use super::shape::{
    bare_name, ends_a_unit, is_above, is_called_as_a_unit, own_names, shape, short_names, stem,
};

/// The units of a roster by their names.
pub struct RosterIndex {
    names: NameIndex,
    /// As a file calls a unit: by its name, bare and for short. None of what several are called.
    of_short: HashMap<String, Option<usize>>,
}

impl RosterIndex {
    pub fn new(names: &[&str]) -> Self {
        let mut of_short: HashMap<String, Option<usize>> = HashMap::new();
        let mut whole: HashMap<String, Option<usize>> = HashMap::new();
        let note = |of: &mut HashMap<String, Option<usize>>, name: String, place: usize| {
            of.entry(name)
                .and_modify(|known| *known = known.filter(|one| *one == place))
                .or_insert(Some(place));
        };
        for (place, name) in names.iter().enumerate() {
            let stem = stem(&shape(name));
            short_names(&stem).for_each(|short| note(&mut of_short, short.iter().collect(), place));
            note(&mut whole, stem.iter().collect(), place);
        }
        // What one is called whole another may be called for short.
        of_short.extend(whole);
        Self { names: NameIndex::new(names), of_short }
    }

    /// The unit whose report bears these names, the full one first.
    pub fn of_names(&self, names: &[&str]) -> Option<usize> {
        let own = names.iter().flat_map(|name| own_names(name));
        let sure = names.iter().find_map(|name| self.sure(name));
        // A roster of one city need not say which, nor need its units.
        sure.or_else(|| own.into_iter().find_map(|name| self.sure(&name)))
            .or_else(|| names.first().and_then(|name| self.called(name)))
    }

    /// The unit whose name is nearest to one of these.
    pub fn nearest(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.names.nearest(name)).map(|near| near.index)
    }

    /// The unit that a file belongs to by what it and its folders are called: 东阳区/扫描件.jpg.
    pub fn of_path(&self, path: &str) -> Option<usize> {
        let mut below = String::new();
        for name in file_and_folders(path) {
            let words = words_of(name);
            // 司法局.docx in 东阳区 is 东阳区司法局, and never 东阳区's own.
            let joined = words.concat() + &below;
            let among = || if below.is_empty() { self.among(&words) } else { None };
            if let Some(place) = self.called(&joined).or_else(among) {
                return Some(place);
            }
            if words.iter().any(|word| is_called_as_a_unit(word)) {
                below = joined;
            }
        }
        None
    }

    fn sure(&self, name: &str) -> Option<usize> {
        self.names.nearest(name).filter(|near| near.is_sure).map(|near| near.index)
    }

    /// The unit that is called so, whole or for short, and no other is.
    fn called(&self, name: &str) -> Option<usize> {
        let own = || own_names(name).into_iter().find_map(|name| self.sure(&name));
        self.of_short.get(&bare_name(name)).copied().flatten().or_else(own)
    }

    /// The one unit that is named among some words, where nothing else in them is called as a unit is.
    fn among(&self, words: &[&str]) -> Option<usize> {
        let mut found = Vec::new();
        for word in words {
            match self.called(word).or_else(|| self.within(word)) {
                Some(place) => found.push(place),
                None if word.chars().any(ends_a_unit) => return None,
                None => {}
            }
        }
        found.dedup();
        if let [place] = found[..] { Some(place) } else { None }
    }

    /// The one unit whose name stands in a word: the longest, for 东阳区司法局 has 东阳区 in it, too. Not where what
    /// stands around it is part of another's name.
    fn within(&self, word: &str) -> Option<usize> {
        let word = bare_name(word);
        let characters: Vec<(usize, char)> = word.char_indices().collect();
        let count = characters.len();
        if count > MAX_NAME {
            return None;
        }
        for length in (2..count).rev() {
            for first in 0..=count - length {
                let start = characters[first].0;
                let end = characters.get(first + length).map_or(word.len(), |(at, _)| *at);
                // 市东阳区 is 东阳区 of some city: that it stands behind 市 tells of which.
                let is_part = start > 0 && is_above(characters[first].1);
                let Some(Some(place)) = self.of_short.get(&word[start..end]).filter(|_| !is_part) else {
                    continue;
                };
                let around = word[..start].chars().chain(word[end..].chars());
                return (!around.into_iter().any(ends_a_unit)).then_some(*place);
            }
        }
        None
    }
}
