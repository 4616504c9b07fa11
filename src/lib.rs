//! tmp
pub mod checks;
pub mod cli;
pub mod diagnostic;
pub mod explanation;
pub mod export;
pub mod input;
pub mod installation;
pub mod pipeline;
pub mod report;
pub mod template;
pub mod typeset;
pub mod web;
