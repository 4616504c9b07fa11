//! What Chinese official prose is, apart from what is wrong with it: its marks and invisible characters,
//! numerals and figures, sentences, words, book titles, and what a text brings along that is no prose at
//! all. Knows no report and judges nothing. Lists that a legal officer may want to edit are the files in
//! `data/`.

pub mod figures;
pub mod foreign;
pub mod invisible;
pub mod lists;
pub mod marks;
pub mod numerals;
pub mod pairs;
pub mod sentences;
pub mod titles;
pub mod words;
