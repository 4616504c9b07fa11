//! What Chinese official prose is, apart from what is wrong with it: its marks and invisible characters,
//! numerals and figures, sentences, words, book titles, and what a text brings along that is no prose at
//! all. Knows no report and judges nothing. Lists that a legal officer may want to edit are the files in
//! `data/`.

pub(crate) mod alike;
pub(crate) mod asides;
pub mod breaking;
pub mod columns;
pub(crate) mod entries;
pub mod enumeration;
pub(crate) mod figures;
pub(crate) mod foreign;
pub mod invisible;
pub(crate) mod lists;
pub(crate) mod marks;
pub(crate) mod narrow;
pub mod numerals;
pub(crate) mod pairs;
pub(crate) mod periods;
pub(crate) mod phrases;
pub mod quantity;
pub(crate) mod relations;
pub(crate) mod sentences;
pub(crate) mod shingles;
pub(crate) mod signs;
pub(crate) mod standalone;
pub(crate) mod titles;
pub(crate) mod traditional;
pub mod words;
