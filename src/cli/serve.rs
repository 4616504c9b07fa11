//! `nianbao serve`.
use super::Outcome;
use crate::installation::Installation;

#[derive(clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_: Arguments, _: &Installation) -> anyhow::Result<Outcome> {
    Ok(Outcome::Fine)
}
