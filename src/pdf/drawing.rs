//! How often everything is drawn, counted before anything is.

use std::collections::HashMap;
use std::rc::Rc;

use super::content::Content;
use super::{MAX_DRAWINGS, MAX_DRAWN_IN, MAX_OPERATORS, MAX_SAVED, Refused};

/// What resources hold under their names, as far as it takes time.
#[derive(Debug, Default)]
pub struct Held {
    /// Pictures and forms: a form by its place in [`Drawing::forms`].
    pub drawn: HashMap<Vec<u8>, Option<usize>>,
    /// What a reader goes through each time that the resource is asked for, in bytes.
    pub weights: HashMap<Vec<u8>, u64>,
    /// What a reader goes through to open the resources, in bytes.
    pub size: u64,
}

impl Held {
    /// Notes how many bytes a reader goes through for a name.
    pub fn weigh(&mut self, name: &[u8], bytes: u64) {
        let known = self.weights.entry(name.to_vec()).or_default();
        *known = bytes.max(*known);
    }
}

/// A form, or a page: what it draws, with which resources. The bytes of its content are written.
#[derive(Debug, Default)]
pub struct Drawn {
    pub content: Content,
    pub held: Option<Rc<Held>>,
}

/// All that is drawn of a file.
#[derive(Default)]
pub struct Drawing {
    pub forms: Vec<Drawn>,
    work: u64,
    drawings: usize,
}

/// How many bytes that a reader goes through count as one operator.
const BYTES: u64 = 16;

impl Drawing {
    /// Counts a page; `above` are the resources that it takes what it lacks from, the nearest last,
    /// `more` what a reader goes through for each page besides, in bytes.
    pub fn page(&mut self, page: &Drawn, above: &[Rc<Held>], more: u64) -> Result<(), Refused> {
        let mut held: Vec<Rc<Held>> = above.to_vec();
        let size: u64 = above.iter().map(|held| held.size).sum();
        self.add(1 + (size + more) / BYTES)?;
        let forms = std::mem::take(&mut self.forms);
        let counted = self.draw(page, &forms, &mut held, 0, 0);
        self.forms = forms;
        counted
    }

    /// Whether what was counted stays within the bounds where each colour takes so many steps.
    pub fn finish(&self, heaviest: u64) -> Result<(), Refused> {
        let steps = self.work.saturating_mul(1 + heaviest / BYTES);
        if steps > 2 * MAX_OPERATORS { Err(Refused::TooMuch) } else { Ok(()) }
    }

    fn add(&mut self, work: u64) -> Result<(), Refused> {
        self.work = self.work.saturating_add(work);
        if self.work > MAX_OPERATORS { Err(Refused::TooMuch) } else { Ok(()) }
    }

    fn draw(
        &mut self,
        drawn: &Drawn,
        forms: &[Drawn],
        held: &mut Vec<Rc<Held>>,
        depth: usize,
        saved: usize,
    ) -> Result<(), Refused> {
        if depth > MAX_DRAWN_IN || saved + drawn.content.saved > MAX_SAVED {
            return Err(Refused::TooMuch);
        }
        let own = drawn.held.as_ref();
        self.add(drawn.content.work + own.map_or(0, |own| own.size / BYTES))?;
        held.extend(own.cloned());
        // What is asked for is looked for in each of the resources, from the nearest outward.
        let weight = |held: &[Rc<Held>], name: &[u8]| {
            held.iter().rev().find_map(|held| held.weights.get(name)).copied().unwrap_or(0)
        };
        for (name, count) in &drawn.content.asked {
            self.add(u64::from(*count).saturating_mul(weight(held, name) / BYTES))?;
        }
        for (name, count) in &drawn.content.drawn {
            let form = held.iter().rev().find_map(|held| held.drawn.get(name)).copied();
            self.add(u64::from(*count).saturating_mul(weight(held, name) / BYTES))?;
            let Some(Some(form)) = form else { continue };
            for _ in 0..*count {
                self.drawings += 1;
                if self.drawings > MAX_DRAWINGS {
                    return Err(Refused::TooMuch);
                }
                self.draw(&forms[form], forms, held, depth + 1, saved + drawn.content.saved)?;
            }
        }
        held.truncate(held.len() - usize::from(own.is_some()));
        Ok(())
    }
}
