//! How the service sends mail, as it is typed.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::secrets::private_secret;
use crate::post::{MailSettings, PATIENCE, SmtpSecurity};

/// How mail is sent.
#[derive(clap::Args)]
pub(super) struct MailArguments {
    #[arg(
        long,
        value_name = "主机",
        requires_all = ["accounts", "mail_from"],
        help = "发邮件用的服务器（SMTP）。设了才寄催报、通知和单位入口"
    )]
    smtp_host: Option<String>,
    #[arg(
        long,
        value_name = "端口",
        requires = "smtp_host",
        help = "邮件服务器的端口，默认 587（starttls）、465（tls）或 25（none）"
    )]
    smtp_port: Option<u16>,
    #[arg(
        long,
        value_name = "方式",
        value_enum,
        hide_possible_values = true,
        default_value_t,
        help = "怎样加密：starttls（默认）、tls、none（不加密，只用于可信的内网，不能带密码）"
    )]
    smtp_tls: SmtpEncryption,
    #[arg(
        long,
        value_name = "文件",
        requires = "smtp_host",
        help = "邮件服务器的证书由内部机构签发的，该机构的证书（PEM）；系统信任的仍然有效"
    )]
    smtp_authority: Option<PathBuf>,
    #[arg(long, value_name = "用户名", requires_all = ["smtp_host", "smtp_password_file"], help = "登录邮件服务器的用户名")]
    smtp_user: Option<String>,
    #[arg(
        long,
        value_name = "文件",
        requires = "smtp_user",
        help = "登录邮件服务器的密码所在的文件，只有自己能读（chmod 600）"
    )]
    smtp_password_file: Option<PathBuf>,
    #[arg(
        long,
        value_name = "发件人",
        requires = "smtp_host",
        help = "邮件的发件人：地址，或者 名称 <地址>"
    )]
    mail_from: Option<String>,
}

/// How the line to the mail server is kept from others, as it is typed.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum SmtpEncryption {
    #[default]
    Starttls,
    Tls,
    None,
}

impl MailArguments {
    /// What was typed, if mail is to be sent at all.
    pub(super) fn settings(&self) -> Result<Option<MailSettings>> {
        let (Some(host), Some(from)) = (&self.smtp_host, &self.mail_from) else { return Ok(None) };
        let (security, port) = match self.smtp_tls {
            SmtpEncryption::Starttls => (SmtpSecurity::StartTls, 587),
            SmtpEncryption::Tls => (SmtpSecurity::Tls, 465),
            SmtpEncryption::None => (SmtpSecurity::Plain, 25),
        };
        let login = match (&self.smtp_user, &self.smtp_password_file) {
            (Some(name), Some(file)) => Some((name.clone(), private_secret(file, "密码文件")?)),
            _ => None,
        };
        if login.is_some() && security == SmtpSecurity::Plain {
            bail!("--smtp-tls none 不能带用户名和密码：密码会在网络上被人看到。请用 starttls 或 tls");
        }
        let port = self.smtp_port.unwrap_or(port);
        let read = |file: &PathBuf| {
            let read = std::fs::read(file);
            read.with_context(|| format!("不能读取证书文件 {}", file.display()))
        };
        let authorities = self.smtp_authority.as_ref().map(read).transpose()?;
        Ok(Some(MailSettings {
            host: host.clone(),
            port,
            security,
            login,
            authorities,
            from: from.clone(),
            patience: PATIENCE,
        }))
    }
}
