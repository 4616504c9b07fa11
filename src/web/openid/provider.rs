//! The provider: found by its own description, which is asked for when it is first needed, and again when an
//! answer is signed with a key that is not known yet.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdTokenVerifier, CoreJwsSigningAlgorithm,
    CoreProviderMetadata,
};
use openidconnect::{
    AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, IssuerUrl,
    Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, TokenResponse,
};
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::attempt::LoginAttempt;
use super::calls::{ProviderCaller, is_safe};
use crate::accounts::IdentityProof;

/// For how long a description is good, and for how long nobody asks again after none was given.
const AGE: Duration = Duration::from_secs(60 * 60);
const BREATH: Duration = Duration::from_secs(5);

/// How many characters of what went wrong get into the log.
const LOGGED: usize = 500;

/// How answers may be signed: by the provider's own key, which nobody else has. What is signed with a shared
/// secret, or not at all, is no answer.
const SIGNATURES: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Where the provider sends people back to.
pub(super) const RETURN: &str = "/login/openid/return";

/// What whoever runs the service has said of the provider.
pub struct OpenIdSettings {
    /// Its address, as it writes it itself.
    pub issuer: String,
    /// What this service is called there, and its secret, where it has one.
    pub client: String,
    pub secret: Option<String>,
    /// What people call it.
    pub name: String,
    /// The address of this service as people find it.
    pub address: String,
}

/// Why no provider can be used.
#[derive(Debug, thiserror::Error)]
pub enum NoProvider {
    #[error("登录服务的地址要写成 https://…，不带参数；只有在本机的可以是 http://")]
    Address,
    #[error("不能准备对登录服务的访问：{0}")]
    Caller(#[from] reqwest::Error),
}

pub struct OpenIdProvider {
    settings: OpenIdSettings,
    caller: ProviderCaller,
    /// When it was last asked what it is, and what it said.
    known: Mutex<Option<(Instant, Option<Arc<CoreProviderMetadata>>)>>,
}

/// Why nobody is let in by it; what exactly is in the log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ProviderFailure {
    /// It does not answer, or not as such a provider does.
    Away,
    /// It does not know of this login.
    Refused,
    /// What it says is not for this login, or not its word.
    Untrue,
}

use ProviderFailure::{Away, Refused, Untrue};

impl OpenIdProvider {
    pub fn new(settings: OpenIdSettings) -> Result<Self, NoProvider> {
        let issuer = Url::parse(&settings.issuer).map_err(|_| NoProvider::Address)?;
        let is_bare = issuer.query().is_none() && issuer.fragment().is_none();
        let is_nobodys = issuer.username().is_empty() && issuer.password().is_none();
        if !is_bare || !is_nobodys || !issuer.has_host() || !is_safe(&issuer, &issuer) {
            return Err(NoProvider::Address);
        }
        let caller = ProviderCaller::new(issuer)?;
        Ok(Self { settings, caller, known: Mutex::new(None) })
    }

    /// Whether it answers, and as such a provider does. Why not is in the log.
    pub async fn is_there(&self) -> bool {
        self.description(None).await.is_ok()
    }

    /// What people call it.
    pub(in crate::web) fn name(&self) -> &str {
        &self.settings.name
    }

    pub(super) fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// The address of this service as people find it.
    pub(super) fn own_address(&self) -> &str {
        &self.settings.address
    }

    /// Where somebody logs in there.
    pub(super) async fn address(&self, attempt: &LoginAttempt) -> Result<Url, ProviderFailure> {
        let known = self.description(None).await?;
        let client = CoreClient::from_provider_metadata(
            (*known).clone(),
            ClientId::new(self.settings.client.clone()),
            None,
        )
        .set_redirect_uri(self.way_back()?);
        let verifier = PkceCodeVerifier::new(attempt.verifier());
        let (state, nonce) = (CsrfToken::new(attempt.state()), Nonce::new(attempt.nonce()));
        let (address, ..) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || state, || nonce)
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        if self.caller.is_safe(&address) {
            Ok(address)
        } else {
            Err(failed("its address is neither https nor on this machine", Away))
        }
    }

    /// Who it says has logged in, by the code that it gave.
    pub(super) async fn proof(
        &self,
        code: String,
        attempt: &LoginAttempt,
    ) -> Result<IdentityProof, ProviderFailure> {
        let known = self.description(None).await?;
        let client = CoreClient::from_provider_metadata(
            (*known).clone(),
            ClientId::new(self.settings.client.clone()),
            self.settings.secret.clone().map(ClientSecret::new),
        )
        .set_redirect_uri(self.way_back()?)
        .set_auth_type(way_of_telling_the_secret(&known));
        let request =
            client.exchange_code(AuthorizationCode::new(code)).map_err(|error| logged(&error, Away))?;
        let answer = request
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier()))
            .request_async(&self.caller)
            .await
            .map_err(|error| match &error {
                RequestTokenError::ServerResponse(_) => logged(&error, Refused),
                _ => logged(&error, Away),
            })?;
        let token = answer.id_token().ok_or_else(|| failed("an answer without an ID token", Untrue))?;
        let nonce = Nonce::new(attempt.nonce());
        let claims = match token.claims(&self.verifier(&known), &nonce) {
            // It may have other keys by now.
            Err(ClaimsVerificationError::SignatureVerification(_)) => {
                let known = self.description(Some(&known)).await?;
                token.claims(&self.verifier(&known), &nonce)
            }
            claims => claims,
        };
        let claims = claims.map_err(|error| logged(&error, Untrue))?;
        Ok(IdentityProof {
            issuer: self.settings.issuer.clone(),
            subject: claims.subject().to_string(),
            nonce: attempt.nonce(),
        })
    }

    fn verifier(&self, known: &CoreProviderMetadata) -> CoreIdTokenVerifier<'static> {
        CoreIdTokenVerifier::new_public_client(
            ClientId::new(self.settings.client.clone()),
            known.issuer().clone(),
            known.jwks().clone(),
        )
        .set_allowed_algs(SIGNATURES)
    }

    fn way_back(&self) -> Result<RedirectUrl, ProviderFailure> {
        RedirectUrl::new(format!("{}{RETURN}", self.settings.address)).map_err(|error| logged(&error, Away))
    }

    /// What the provider says of itself: as it is known, if that is not too old, nor the `outdated` one. Of
    /// those who ask at once one does, and the others hear what it heard.
    async fn description(
        &self,
        outdated: Option<&Arc<CoreProviderMetadata>>,
    ) -> Result<Arc<CoreProviderMetadata>, ProviderFailure> {
        let mut known = self.known.lock().await;
        match &*known {
            Some((at, Some(what)))
                if at.elapsed() < AGE && !outdated.is_some_and(|outdated| Arc::ptr_eq(outdated, what)) =>
            {
                return Ok(what.clone());
            }
            Some((at, None)) if at.elapsed() < BREATH => return Err(Away),
            _ => {}
        }
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(|error| logged(&error, Away))?;
        let asked = CoreProviderMetadata::discover_async(issuer, &self.caller).await;
        let asked = asked.map(Arc::new).map_err(|error| logged(&error, Away));
        *known = Some((Instant::now(), asked.as_ref().ok().cloned()));
        asked
    }
}

/// In the head, as all providers must take it; else in the body, where one says that it takes it only there.
fn way_of_telling_the_secret(known: &CoreProviderMetadata) -> AuthType {
    let ways = known.token_endpoint_auth_methods_supported();
    let takes = |way| ways.is_none_or(|ways| ways.contains(&way));
    let in_body =
        !takes(CoreClientAuthMethod::ClientSecretBasic) && takes(CoreClientAuthMethod::ClientSecretPost);
    if in_body { AuthType::RequestBody } else { AuthType::BasicAuth }
}

/// Tells whoever runs the service what went wrong; nothing of what was answered is in it but what the provider
/// says of its own fault.
fn logged(error: &dyn Error, failure: ProviderFailure) -> ProviderFailure {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told += &format!(": {error}");
        cause = error.source();
    }
    failed(&told, failure)
}

fn failed(error: &str, failure: ProviderFailure) -> ProviderFailure {
    let error: String = error.chars().take(LOGGED).collect();
    tracing::warn!(error, ?failure, "a login at the provider did not succeed");
    failure
}
