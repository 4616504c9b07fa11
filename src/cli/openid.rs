//! Where people with accounts may log in besides, as it is typed.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::secrets::private_secret;
use crate::web::{OpenIdProvider, OpenIdSettings, PublicAddress};

/// Where people with accounts may log in besides.
#[derive(clap::Args)]
pub(super) struct OpenIdArguments {
    #[arg(
        long,
        value_name = "网址",
        requires_all = ["accounts", "openid_client", "public_address"],
        help = "本单位的登录服务（OpenID Connect）的地址，照它自己写的；有账号的人关联以后可以用它登录"
    )]
    openid_issuer: Option<String>,
    #[arg(
        long,
        value_name = "名称",
        requires = "openid_issuer",
        help = "登录服务给本服务的客户端编号（client_id）"
    )]
    openid_client: Option<String>,
    #[arg(
        long,
        value_name = "文件",
        requires = "openid_issuer",
        help = "客户端密钥（client_secret）所在的文件，只有自己能读（chmod 600）"
    )]
    openid_secret_file: Option<PathBuf>,
    #[arg(
        long,
        value_name = "名称",
        requires = "openid_issuer",
        default_value = "统一登录",
        help = "登录服务在页面上的名称，默认“统一登录”"
    )]
    openid_name: String,
}

impl OpenIdArguments {
    pub(super) fn provider(&self, public: &[PublicAddress]) -> Result<Option<OpenIdProvider>> {
        let (Some(issuer), Some(client), Some(address)) =
            (&self.openid_issuer, &self.openid_client, public.first())
        else {
            return Ok(None);
        };
        let secret = self
            .openid_secret_file
            .as_deref()
            .map(|file| private_secret(file, "客户端密钥文件"))
            .transpose()?;
        let settings = OpenIdSettings {
            issuer: issuer.trim().to_owned(),
            client: client.clone(),
            secret,
            name: self.openid_name.clone(),
            address: address.origin(),
        };
        let provider = OpenIdProvider::new(settings);
        Ok(Some(provider.with_context(|| format!("--openid-issuer 不能是“{issuer}”"))?))
    }
}
