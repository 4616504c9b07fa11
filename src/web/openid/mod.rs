//! Logins at an office's own provider (OpenID Connect): the code flow with PKCE. What a browser has begun is
//! kept by that browser alone; whom the provider means is an account that somebody has linked, never one with
//! the same name or address.

mod attempt;
mod calls;
mod pages;
mod provider;

pub(super) use pages::{begin, finish};
pub use provider::{NoProvider, OpenIdProvider, OpenIdSettings};
