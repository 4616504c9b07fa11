//! Mail: a line to the server, opened when there is something to send, and each step of it cut off that takes
//! too long.

use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use tokio::time::timeout;

use super::words::line_of;
use crate::outbox::OutboxMessage;

/// How long a server is waited for, as a rule: for the opening of a line with the login, and for a mail.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long is waited for a farewell.
const FAREWELL: Duration = Duration::from_secs(2);

/// How a certificate begins.
const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// How the line to the server is kept from others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// Begun in the clear, and encrypted before anything is said.
    #[default]
    StartTls,
    /// Encrypted from the first byte on.
    Tls,
    /// Not at all.
    Plain,
}

/// How mail is sent.
#[derive(Clone)]
pub struct MailSettings {
    pub host: String,
    pub port: u16,
    pub security: SmtpSecurity,
    /// A name and a password.
    pub login: Option<(String, String)>,
    /// Certificates in PEM of authorities that may vouch for the server besides those of the system.
    pub authorities: Option<Vec<u8>>,
    /// From whom it is: 名称 <地址>.
    pub from: String,
    /// How long the server is waited for.
    pub patience: Duration,
}

impl std::fmt::Debug for MailSettings {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MailSettings({}:{}, {:?}, {})", self.host, self.port, self.security, self.from)
    }
}

/// Why a mail did not go out.
#[derive(Debug, thiserror::Error)]
pub enum MailFault {
    #[error("发件人“{0}”不对：请写成 地址，或者 名称 <地址>")]
    Sender(String),
    #[error("签发机构的证书读不懂：要 PEM 格式，以 -----BEGIN CERTIFICATE----- 开头")]
    Authority,
    #[error("收件地址不对")]
    Recipient,
    #[error("不用再发：{0}")]
    Needless(&'static str),
    #[error("邮件服务器迟迟没有应答")]
    Silence,
    #[error("邮件服务器的证书{0}，没有发")]
    Certificate(&'static str),
    #[error("连不上邮件服务器：{0}")]
    Connection(lettre::transport::smtp::Error),
    #[error("邮件服务器不收：{0}")]
    Refusal(lettre::transport::smtp::Error),
    #[error("邮件写不出来：{0}")]
    Writing(#[from] lettre::error::Error),
}

impl MailFault {
    /// Whether another mail may still go out.
    pub(super) fn is_of_message(&self) -> bool {
        match self {
            Self::Recipient | Self::Needless(_) | Self::Writing(_) => true,
            Self::Refusal(error) => error.status().is_some(),
            _ => false,
        }
    }

    /// Whether there is no use in trying this mail again.
    pub(super) fn is_lasting(&self) -> bool {
        match self {
            Self::Recipient | Self::Needless(_) | Self::Writing(_) => true,
            Self::Refusal(error) => error.is_permanent(),
            _ => false,
        }
    }

    /// Why there is no line: where it is the server's certificate, what is wrong with that.
    fn of_connection(error: lettre::transport::smtp::Error) -> Self {
        let mut cause: Option<&dyn std::error::Error> = Some(&error);
        while let Some(one) = cause {
            let said = one.to_string();
            if let Some((_, fault)) = said.split_once("invalid peer certificate: ") {
                return Self::Certificate(match fault {
                    fault if fault.contains("not valid for") || fault.contains("NotValidForName") => {
                        "不是签给这个主机名的：请核对 --smtp-host"
                    }
                    "UnknownIssuer" | "BadSignature" => {
                        "不是可信的机构签发的：机构自己的签发机构，用 --smtp-authority 指明"
                    }
                    fault if fault.contains("xpired") => "已经过期",
                    _ => "不能用",
                });
            }
            cause = one.source();
        }
        Self::Connection(error)
    }
}

/// A line to the server.
pub(super) type MailLine = AsyncSmtpConnection;

/// Sends mail.
pub(super) struct Mailer {
    settings: MailSettings,
    from: Mailbox,
    authorities: Option<Certificate>,
}

impl Mailer {
    pub(super) fn new(settings: &MailSettings) -> Result<Self, MailFault> {
        let from = settings.from.parse().map_err(|_| MailFault::Sender(settings.from.clone()))?;
        let read = |pem: &Vec<u8>| {
            let has_some = pem.windows(BEGIN.len()).any(|part| part == BEGIN);
            Certificate::from_pem(pem).ok().filter(|_| has_some).ok_or(MailFault::Authority)
        };
        let authorities = settings.authorities.as_ref().map(read).transpose()?;
        Ok(Self { settings: settings.clone(), from, authorities })
    }

    /// Opens a line.
    pub(super) async fn connect(&self) -> Result<MailLine, MailFault> {
        let opened = timeout(self.settings.patience, self.open()).await;
        opened.map_err(|_| MailFault::Silence)?.map_err(MailFault::of_connection)
    }

    async fn open(&self) -> Result<MailLine, lettre::transport::smtp::Error> {
        let MailSettings { host, port, security, login, .. } = &self.settings;
        let hello = ClientId::Domain(self.from.email.domain().to_owned());
        let tls = match security {
            SmtpSecurity::Plain => None,
            _ => Some(self.tls()?),
        };
        let first = tls.clone().filter(|_| *security == SmtpSecurity::Tls);
        let server = (host.as_str(), *port);
        let mut line = AsyncSmtpConnection::connect_tokio1(server, None, &hello, first, None).await?;
        if let (SmtpSecurity::StartTls, Some(tls)) = (security, tls) {
            // A server that does not offer it is told nothing: somebody between may have taken it out.
            line.starttls(tls, &hello).await?;
        }
        if let Some((name, password)) = login {
            let credentials = Credentials::new(name.clone(), password.clone());
            line.auth(DEFAULT_MECHANISMS, &credentials).await?;
        }
        Ok(line)
    }

    fn tls(&self) -> Result<TlsParameters, lettre::transport::smtp::Error> {
        let parameters = TlsParameters::builder(self.settings.host.clone());
        match &self.authorities {
            Some(authorities) => parameters.add_root_certificate(authorities.clone()).build(),
            None => parameters.build(),
        }
    }

    /// Sends a message with this text over a line.
    pub(super) async fn send(
        &self,
        line: &mut MailLine,
        message: &OutboxMessage,
        text: String,
        now: i64,
    ) -> Result<(), MailFault> {
        let mail = self.written(message, text, now)?;
        let sent = timeout(self.settings.patience, line.send(mail.envelope(), &mail.formatted())).await;
        sent.map_err(|_| MailFault::Silence)?.map_err(MailFault::Refusal)?;
        Ok(())
    }

    /// A message as it goes over the line. Tried again it bears the same id.
    fn written(&self, message: &OutboxMessage, text: String, now: i64) -> Result<Message, MailFault> {
        let to = message.message.recipient.parse().map_err(|_| MailFault::Recipient)?;
        let id = format!("<{}@{}>", message.id, self.from.email.domain());
        // So that nobody's absence note answers it.
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let date = UNIX_EPOCH + Duration::from_secs(u64::try_from(now).unwrap_or_default());
        let mail = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(line_of(&message.message.subject))
            .message_id(Some(id))
            .date(date)
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(text)?;
        Ok(mail)
    }
}

/// Whether the server lets the service in: a line is opened with the login, and closed again.
pub async fn reach(settings: &MailSettings) -> Result<(), MailFault> {
    let line = Mailer::new(settings)?.connect().await?;
    hang_up(Some(line)).await;
    Ok(())
}

/// Takes leave of the server, if there is a line.
pub(super) async fn hang_up(line: Option<MailLine>) {
    if let Some(mut line) = line {
        let _ = timeout(FAREWELL, line.abort()).await;
    }
}
