//! What goes out: mails to a real server, calls to a real receiver, and neither to whom they shall not go.

use std::io::{BufRead, BufReader, Lines, Read};
use std::net::{IpAddr, TcpListener, ToSocketAddrs};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect};
use axum::routing::post;
use nianbao::accounts::EntranceUnit;
use nianbao::audit::{Act, Doer};
use nianbao::collections::{
    CollectionPlan, MoveWish, NewVersion, Occasion, SubmissionMove, SubmissionPlace, VersionFiles, VersionWay,
};
use nianbao::database::DatabasePlace;
use nianbao::outbox::{MessageKind, MessageState, NewMessage, NewWebhook, OutboxFilter, OutboxMessage};
use nianbao::post::{
    Dispatch, DispatchSettings, EntranceMails, MailSettings, SmtpSecurity, is_public, signature,
    webhook_address,
};
use nianbao::report::{Choice, Edition};
use nianbao::roster::{Contact, RosterUnit, UnitCode};
use nianbao_office::Office;
use serde_json::Value;

use crate::batches::{Service, reports};
use crate::workbench::project;

/// A name and a title by which somebody means ill.
const HOSTILE: &str = "临江<b>区</b>{{7*7}}#let";
const TITLE: &str = "2024年度征集=1+1";

const SECRET: &str = "0123456789abcdef-secret";

/// 2025-01-12 08:00 in China, two days behind the due day.
const NOW: i64 = 1_736_640_000;

fn clock() -> i64 {
    NOW
}

fn doer() -> Doer {
    Doer { name: "周某".into(), account: None, on_behalf: None, from: "127.0.0.1".into() }
}

/// A mail server of Debian's, and what it has taken.
struct MailServer {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    port: u16,
}

impl MailServer {
    fn start(arguments: &[&str]) -> Self {
        let script = project().join("tests/mail-server.py");
        let mut child = Command::new("/usr/bin/python3")
            .arg(script)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.next().expect("`make test` installs python3-aiosmtpd").unwrap().parse().unwrap();
        Self { child, lines, port }
    }

    /// All mails that it took; it ends with that.
    fn mails(mut self) -> Vec<Value> {
        self.child.stdin.take();
        let mails = self.lines.by_ref().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
        self.child.wait().unwrap();
        mails
    }
}

fn to(port: u16) -> MailSettings {
    MailSettings {
        host: "127.0.0.1".into(),
        port,
        security: SmtpSecurity::Plain,
        login: None,
        authorities: None,
        from: "某市司法局 <fazhi@example.cn>".into(),
        patience: Duration::from_secs(20),
    }
}

/// An office with units that have these addresses, and an open collection of them all, two days behind its day.
struct Bureau {
    office: Office,
    collection: String,
    _folder: tempfile::TempDir,
}

impl Bureau {
    async fn of(addresses: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let office = Office::open(&DatabasePlace::File(folder.path().join("office.db"))).await.unwrap();
        let doer = doer();
        let occasion = Occasion { doer: &doer, at: NOW, today: "2025-01-12".parse().unwrap() };
        let unit = |(number, mail): (usize, &&str)| {
            let contact = Contact { mail: (*mail).into(), ..Contact::default() };
            let code = format!("L{number:02}").parse().unwrap();
            RosterUnit { contact, ..RosterUnit::new(code, &format!("{HOSTILE}{number}")) }
        };
        let units: Vec<RosterUnit> = addresses.iter().enumerate().map(unit).collect();
        office.collections.save_units(&units, &occasion).await.unwrap();
        let plan = CollectionPlan {
            year: "2024".parse().unwrap(),
            title: TITLE.into(),
            template: "annual-report".into(),
            settings: "{}".into(),
            edition: Edition::of_word("formal").unwrap(),
            instructions: "一、照实填写。\n二、<script>".into(),
            needs_sign_off: false,
            opens_at: None,
            due_on: "2025-01-10".parse().unwrap(),
            closes_at: None,
        };
        let collection = office.collections.make(&plan, &occasion).await.unwrap();
        let codes: Vec<UnitCode> = units.iter().map(|unit| unit.code.clone()).collect();
        office.collections.ask(&collection, &codes, &occasion).await.unwrap();
        office.collections.open_collection(&collection, &occasion).await.unwrap();
        Self { office, collection, _folder: folder }
    }

    fn dispatch(&self, mail: Option<MailSettings>, calls_private: bool) -> Arc<Dispatch> {
        let address = "https://baosong.example.cn".into();
        let settings = DispatchSettings { mail, calls_private, address };
        Dispatch::new(self.office.clone(), &settings, clock).unwrap()
    }

    /// A unit submits, and the bureau returns it.
    async fn return_version(&self, place: &SubmissionPlace<'_>, reason: &str, occasion: &Occasion<'_>) {
        let version = NewVersion {
            input: "{}",
            base: 0,
            way: VersionWay::Form,
            import: None,
            findings: &[],
            warning_reason: "",
            characters: 1,
            files: &VersionFiles::default(),
        };
        self.office.collections.submit(place, &version, occasion).await.unwrap();
        let wish = MoveWish { reason, version: Some(1), ..MoveWish::default() };
        self.office.collections.step(place, SubmissionMove::Return, &wish, occasion).await.unwrap();
    }

    async fn messages(&self) -> Vec<OutboxMessage> {
        self.office.outbox.messages(&self.collection, &OutboxFilter::default(), 100).await.unwrap()
    }

    async fn put(&self, unit: &str, recipient: &str, subject: &str) {
        let message = NewMessage {
            purpose: format!("test/{unit}/{recipient}"),
            kind: MessageKind::Mail,
            collection: self.collection.clone(),
            unit: unit.into(),
            recipient: recipient.into(),
            subject: subject.into(),
            body: ".\r\nQUIT\r\n<b>正文</b>\n".into(),
            asked_by: "周某".into(),
        };
        self.office.outbox.put(&[message], None, NOW).await.unwrap();
    }

    async fn webhook(&self, address: String, acts: &[Act]) {
        let new =
            NewWebhook { name: "办公系统".into(), address, secret: SECRET.into(), acts: acts.to_vec() };
        self.office.outbox.add_webhook(&doer(), &new, NOW).await.unwrap();
    }
}

fn header<'a>(mail: &'a Value, name: &str) -> Vec<&'a str> {
    let headers = mail["headers"].as_array().unwrap().iter();
    headers.filter(|header| header[0] == name).map(|header| header[1].as_str().unwrap()).collect()
}

#[tokio::test]
async fn who_is_late_is_reminded_once_and_who_was_returned_is_told() {
    let server = MailServer::start(&[]);
    let bureau = Bureau::of(&["a@example.cn", "", "c@example.cn"]).await;
    let dispatch = bureau.dispatch(Some(to(server.port)), false);
    let (doer, today) = (doer(), "2025-01-12".parse().unwrap());
    let occasion = Occasion { doer: &doer, at: NOW, today };
    // By itself, and then by hand: of one day there is one. Nobody asks for the unit that cannot be written to.
    assert_eq!(dispatch.remind(today).await.unwrap(), 2);
    assert_eq!(dispatch.remind(today).await.unwrap(), 0);
    let first = dispatch.remind_overdue(&bureau.collection, &occasion).await.unwrap();
    assert_eq!((first.count, first.known, first.without_address.len()), (0, 2, 1));
    let tomorrow = Occasion { at: NOW + 86_400, today: "2025-01-13".parse().unwrap(), ..occasion };
    for count in [2, 0] {
        assert_eq!(dispatch.remind_overdue(&bureau.collection, &tomorrow).await.unwrap().count, count);
    }
    let place = SubmissionPlace { collection: &bureau.collection, unit: "L00" };
    let noted = bureau.office.collections.history(&place).await.unwrap();
    assert_eq!(noted.iter().filter(|event| event.act == "reminded").count(), 2);

    // Returned, with a reason of several lines.
    bureau.return_version(&place, "第二部分\nBcc: x@example.cn", &occasion).await;
    dispatch.gather().await.unwrap();
    dispatch.gather().await.unwrap();
    // An address that somebody has put there by another way, and a subject.
    bureau.put("L00", "b@example.cn\r\nBcc: evil@example.cn", "甲").await;
    bureau.put("L00", "d@example.cn", "甲\r\nBcc: evil@example.cn\r\n\r\n<b>\u{202e}乙").await;
    assert!(!dispatch.send_mails().await.unwrap());
    let states: Vec<_> =
        bureau.messages().await.iter().map(|one| (one.message.recipient.clone(), one.state)).collect();
    assert_eq!(states.iter().filter(|(_, state)| *state == MessageState::Sent).count(), 4, "{states:?}");
    assert_eq!(states.iter().filter(|(_, state)| *state == MessageState::GivenUp).count(), 1, "{states:?}");

    let mails = server.mails();
    assert_eq!(mails.len(), 4, "{mails:#?}");
    for mail in &mails {
        assert_eq!(mail["sender"], "fazhi@example.cn");
        assert_eq!(mail["recipients"].as_array().unwrap().len(), 1);
        assert!(header(mail, "Bcc").is_empty() && header(mail, "Subject").len() == 1, "{mail:#?}");
        assert_eq!(header(mail, "From"), ["某市司法局 <fazhi@example.cn>"]);
        assert_eq!(header(mail, "Auto-Submitted"), ["auto-generated"]);
        assert!(header(mail, "Content-Type")[0].starts_with("text/plain"));
        assert!(!mail.to_string().contains('\u{202e}') && !mail.to_string().contains("202e"), "{mail}");
    }
    let said = |word: &str| mails.iter().find(|mail| header(mail, "Subject")[0].contains(word)).unwrap();
    assert_eq!(header(said("催报"), "Subject"), ["【催报】2024年度征集=1+1：已逾期 2 天"]);
    let body = said("催报")["body"].as_str().unwrap();
    assert!(body.starts_with(HOSTILE) && body.contains("2025年1月10日"), "{body}");
    assert!(body.contains("https://baosong.example.cn/collections/"), "{body}");
    let body = said("退回")["body"].as_str().unwrap();
    assert!(body.contains("第 1 稿") && body.contains("第二部分\nBcc: x@example.cn"), "{body}");
    let plain = mails.iter().find(|mail| mail["recipients"][0] == "d@example.cn").unwrap();
    assert_eq!(header(plain, "Subject"), ["甲 Bcc: evil@example.cn <b>乙"]);
    assert!(plain["body"].as_str().unwrap().contains("QUIT"), "a dot alone ends nothing");
}

#[tokio::test]
async fn an_entrance_that_is_mailed_lets_in_and_is_kept_nowhere() {
    let server = MailServer::start(&["auth"]);
    let bureau = Bureau::of(&["a@example.cn", "", "nobody@example.cn"]).await;
    let login = Some(("nianbao".to_owned(), "correct".to_owned()));
    let doer = doer();
    let occasion = Occasion { doer: &doer, at: NOW, today: "2025-01-12".parse().unwrap() };
    let wish = EntranceMails {
        collection: &bureau.collection,
        only_new: true,
        key: "K",
        ends_at: NOW + 86_400,
        until: "2025年1月13日 08:00",
    };
    let wrong = MailSettings { login: Some(("nianbao".into(), "wrong-password".into())), ..to(server.port) };
    let dispatch = bureau.dispatch(Some(wrong), false);
    // What a unit has is good until the mail goes.
    let unit = EntranceUnit { code: "L00".into(), name: HOSTILE.into() };
    let accounts = &bureau.office.accounts;
    let refused = EntranceUnit { code: "L02".into(), name: HOSTILE.into() };
    let units = [unit, refused];
    let before = accounts.make_entrances(&doer, &bureau.collection, &units, NOW + 86_400, NOW).await.unwrap();
    let put = dispatch.mail_entrances(&wish, &occasion).await.unwrap();
    assert_eq!((put.count, put.known), (2, 0));
    assert_eq!(put.without_address, [format!("{HOSTILE}1")]);
    assert_eq!(dispatch.mail_entrances(&wish, &occasion).await.unwrap().known, 2, "a button pressed twice");
    dispatch.send_mails().await.unwrap();
    let waiting = bureau.messages().await;
    assert!(waiting.iter().all(|one| one.state == MessageState::Waiting));
    let fault = &waiting.iter().find(|one| one.attempts == 1).unwrap().fault;
    assert!(fault.starts_with("连不上邮件服务器") && !fault.contains("wrong-password"), "{fault}");
    assert!(accounts.look_at_entrance(&before[0].link, NOW).await.unwrap().is_some());

    bureau.office.outbox.put_off(MessageKind::Entrance, None, NOW).await.unwrap();
    let dispatch = {
        fn later() -> i64 {
            NOW + 3600
        }
        let settings = MailSettings { login, ..to(server.port) };
        let address = "https://baosong.example.cn".into();
        let settings = DispatchSettings { mail: Some(settings), calls_private: false, address };
        Dispatch::new(bureau.office.clone(), &settings, later).unwrap()
    };
    dispatch.send_mails().await.unwrap();
    let mails: Vec<Value> = server.mails().into_iter().filter(|one| !one["body"].is_null()).collect();
    assert_eq!((mails.len(), &mails[0]["login"]), (1, &Value::Bool(true)));
    let body = mails[0]["body"].as_str().unwrap();
    let line = |start: &str| {
        body.lines().find_map(|line| line.strip_prefix(start)).unwrap_or_else(|| panic!("{start}: {body}"))
    };
    let link = line("链接：https://baosong.example.cn/enter/");
    let code = line("验证码：");
    assert!(body.contains("二、<script>") && body.contains("2025年1月13日 08:00"), "{body}");
    assert!(accounts.look_at_entrance(&before[0].link, NOW).await.unwrap().is_none(), "it was replaced");
    // Where the server refuses the address for good, what the unit has stays good.
    let refused = bureau.messages().await.into_iter().find(|one| one.message.unit == "L02").unwrap();
    assert_eq!(refused.state, MessageState::GivenUp, "{}", refused.fault);
    assert!(accounts.look_at_entrance(&before[1].link, NOW).await.unwrap().is_some());
    let kept = format!("{:?}", bureau.messages().await);
    assert!(!kept.contains(link) && !kept.contains(code), "{kept}");
    accounts.enter(link, code, "王某", IpAddr::from([127, 0, 0, 1]), NOW + 3600).await.unwrap();
}

/// An authority of a test's own, and servers' keys with the certificates that it gave them.
struct Authority {
    folder: tempfile::TempDir,
}

impl Authority {
    fn new() -> Self {
        let authority = Self { folder: tempfile::tempdir().unwrap() };
        authority.openssl("authority", &["-subj", "/CN=某市电子政务内网"]);
        authority
    }

    fn pem(&self) -> Vec<u8> {
        std::fs::read(self.folder.path().join("authority.pem")).unwrap()
    }

    /// A file with the key and the certificate of a server of this name.
    fn server(&self, name: &str) -> String {
        let name = format!("subjectAltName=DNS:{name}");
        let of = ["-CA", "authority.pem", "-CAkey", "authority.key"];
        let its = ["-subj", "/CN=mail", "-addext", &name, "-addext", "basicConstraints=critical,CA:FALSE"];
        self.openssl("server", &[&of[..], &its[..]].concat());
        let path = self.folder.path().join("both.pem");
        let part = |name: &str| std::fs::read(self.folder.path().join(name)).unwrap();
        std::fs::write(&path, [part("server.key"), part("server.pem")].concat()).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn openssl(&self, name: &str, more: &[&str]) {
        let (key, certificate) = (format!("{name}.key"), format!("{name}.pem"));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
            .args(["-days", "2", "-utf8", "-keyout", &key, "-out", &certificate])
            .args(more)
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
}

#[tokio::test]
async fn mail_goes_only_to_a_server_with_a_certificate_of_its_own() {
    /// What was refused is tried again long afterwards.
    static LATER: AtomicI64 = AtomicI64::new(0);
    let authority = Authority::new();
    let own = authority.server("localhost");
    for (security, way) in [(SmtpSecurity::StartTls, "starttls"), (SmtpSecurity::Tls, "tls")] {
        let bureau = Bureau::of(&["a@example.cn"]).await;
        let login = Some(("nianbao".to_owned(), "correct".to_owned()));
        let settings = |port: u16, authorities: Option<Vec<u8>>| MailSettings {
            host: "localhost".into(),
            security,
            login: login.clone(),
            authorities,
            ..to(port)
        };
        let dispatch = |settings: MailSettings| {
            LATER.fetch_add(200_000, Ordering::Relaxed);
            let settings = DispatchSettings { mail: Some(settings), ..DispatchSettings::default() };
            let clock = || NOW + LATER.load(Ordering::Relaxed);
            Dispatch::new(bureau.office.clone(), &settings, clock).unwrap()
        };
        bureau.put("L00", "a@example.cn", "甲").await;
        // Of an authority that nobody knows, of another one, and of this one for another server.
        let others = Authority::new();
        let misnamed = Authority::new();
        for (certificate, authorities, said) in [
            (own.clone(), None, "不是可信的机构签发的"),
            (others.server("localhost"), Some(authority.pem()), "不是可信的机构签发的"),
            (misnamed.server("mail.example.cn"), Some(misnamed.pem()), "不是签给这个主机名的"),
        ] {
            let server = MailServer::start(&["auth", way, &certificate]);
            let dispatch = dispatch(settings(server.port, authorities));
            assert!(!dispatch.send_mails().await.unwrap());
            let messages = bureau.messages().await;
            assert!(messages.iter().all(|one| one.state == MessageState::Waiting), "{way}: {messages:?}");
            assert!(messages.iter().any(|one| one.fault.contains(said)), "{way}, {said}: {messages:?}");
            let heard = server.mails();
            assert!(heard.is_empty(), "{way}: neither a mail nor the password: {heard:?}");
        }
        let server = MailServer::start(&["auth", way, &own]);
        let dispatch = dispatch(settings(server.port, Some(authority.pem())));
        dispatch.send_mails().await.unwrap();
        let mails: Vec<Value> = server.mails().into_iter().filter(|one| !one["body"].is_null()).collect();
        assert!(!mails.is_empty(), "{way}: {:?}", bureau.messages().await);
        assert!(mails.iter().all(|mail| mail["encrypted"] == true && mail["login"] == true), "{mails:?}");
    }
    for none in ["", "-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n"] {
        let bureau = Bureau::of(&[""]).await;
        let mail = MailSettings { authorities: Some(none.into()), ..to(25) };
        let settings = DispatchSettings { mail: Some(mail), ..DispatchSettings::default() };
        let refused = Dispatch::new(bureau.office.clone(), &settings, clock);
        assert!(refused.is_err_and(|fault| fault.to_string().contains("读不懂")), "{none}");
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_cut_off_and_one_that_refuses_is_believed() {
    // It takes the connection, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let settings =
        MailSettings { patience: Duration::from_millis(300), ..to(silent.local_addr().unwrap().port()) };
    let bureau = Bureau::of(&["nobody@example.cn", "b@example.cn", "later@example.cn"]).await;
    let (called, address) = receiver(StatusCode::OK).await;
    bureau.webhook(address, &[Act::Reminder]).await;
    let dispatch = bureau.dispatch(Some(settings), true);
    dispatch.remind("2025-01-12".parse().unwrap()).await.unwrap();
    dispatch.gather().await.unwrap();
    let (sent, told) = tokio::join!(dispatch.send_mails(), dispatch.call());
    assert!(!sent.unwrap(), "the others are not tried");
    told.unwrap();
    assert_eq!(called.lock().unwrap().len(), 3, "and keep nobody else waiting");
    let mails: Vec<_> = bureau.messages().await;
    let mails: Vec<_> = mails.iter().filter(|one| one.message.kind == MessageKind::Mail).collect();
    assert!(mails.iter().all(|one| one.state == MessageState::Waiting && one.next_at > NOW));
    assert_eq!(mails.iter().filter(|one| one.fault == "邮件服务器迟迟没有应答").count(), 1);
    drop(silent);

    // A server that offers no encryption is told nothing where it is wanted.
    let server = MailServer::start(&[]);
    let settings = MailSettings { security: SmtpSecurity::StartTls, ..to(server.port) };
    let later = |settings: MailSettings| {
        fn clock() -> i64 {
            NOW + 7200
        }
        let settings = DispatchSettings { mail: Some(settings), ..DispatchSettings::default() };
        Dispatch::new(bureau.office.clone(), &settings, clock).unwrap()
    };
    later(settings).send_mails().await.unwrap();
    let waiting = bureau.messages().await;
    assert!(waiting.iter().any(|one| one.fault.contains("连不上") && one.state == MessageState::Waiting));
    for message in &waiting {
        bureau.office.outbox.try_again(&message.message.collection, NOW).await.unwrap();
    }

    // Of those that are refused for ever and for now the rest goes out.
    let dispatch = {
        fn clock() -> i64 {
            NOW + 100_000
        }
        let settings = DispatchSettings { mail: Some(to(server.port)), ..DispatchSettings::default() };
        Dispatch::new(bureau.office.clone(), &settings, clock).unwrap()
    };
    dispatch.send_mails().await.unwrap();
    let after = bureau.messages().await;
    let of = |who: &str| after.iter().find(|one| one.message.recipient == who).unwrap();
    assert_eq!(of("nobody@example.cn").state, MessageState::GivenUp);
    assert!(of("nobody@example.cn").fault.contains("no such user"), "{}", of("nobody@example.cn").fault);
    assert_eq!(of("later@example.cn").state, MessageState::Waiting);
    assert_eq!(of("b@example.cn").state, MessageState::Sent);
    assert_eq!(server.mails().len(), 1);
}

/// What a receiver has heard: the headers and the body of each call.
type Heard = Arc<Mutex<Vec<(HeaderMap, String)>>>;

/// A program that is called, and answers so; where it is.
async fn receiver(status: StatusCode) -> (Heard, String) {
    let heard = Heard::default();
    let hear = move |State(heard): State<Heard>, headers: HeaderMap, body: Bytes| async move {
        heard.lock().unwrap().push((headers, String::from_utf8(body.to_vec()).unwrap()));
        match status {
            StatusCode::SEE_OTHER => Redirect::to("/secret").into_response(),
            status => (status, "x".repeat(1 << 20)).into_response(),
        }
    };
    let program = Router::new().route("/hook", post(hear)).with_state(heard.clone());
    let secret = |State(heard): State<Heard>| async move {
        heard.lock().unwrap().push((HeaderMap::new(), "the secret was asked for".into()));
    };
    let program = program.route("/secret", axum::routing::any(secret).with_state(heard.clone()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://localhost:{}/hook", listener.local_addr().unwrap().port());
    tokio::spawn(axum::serve(listener, program).into_future());
    (heard, address)
}

#[tokio::test]
async fn a_program_that_is_called_knows_who_calls() {
    let bureau = Bureau::of(&["a@example.cn", "b@example.cn"]).await;
    let (heard, address) = receiver(StatusCode::OK).await;
    bureau.webhook(address, &[Act::Return, Act::CollectionClosing]).await;
    let (led, elsewhere) = receiver(StatusCode::SEE_OTHER).await;
    bureau.webhook(elsewhere, &[Act::Return]).await;
    let doer = doer();
    let occasion = Occasion { doer: &doer, at: NOW, today: "2025-01-12".parse().unwrap() };
    let place = SubmissionPlace { collection: &bureau.collection, unit: "L01" };
    bureau.return_version(&place, "请改<b>", &occasion).await;
    let dispatch = bureau.dispatch(None, true);
    for _ in 0..2 {
        dispatch.gather().await.unwrap();
        dispatch.call().await.unwrap();
    }
    let heard = heard.lock().unwrap().clone();
    assert_eq!(heard.len(), 1, "once, and of what it asked for");
    let (headers, body) = &heard[0];
    let told = |name: &str| headers[name].to_str().unwrap();
    assert_eq!(told("nianbao-timestamp"), NOW.to_string());
    assert_eq!(told("nianbao-signature"), format!("sha256={}", signature(SECRET, NOW, body)));
    // As anybody reckons it: by openssl.
    let mut openssl = Command::new("openssl")
        .args(["dgst", "-sha256", "-hmac", SECRET, "-r"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut openssl.stdin.take().unwrap(), format!("{NOW}.{body}").as_bytes())
        .unwrap();
    let mut digest = String::new();
    openssl.stdout.take().unwrap().read_to_string(&mut digest).unwrap();
    assert!(openssl.wait().unwrap().success());
    assert_eq!(digest.split(' ').next(), told("nianbao-signature").strip_prefix("sha256="));
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!((&body["event"], &body["unit"]["code"]), (&"returned".into(), &"L01".into()));
    assert_eq!((&body["version"], &body["time"]), (&1.into(), &"2025-01-12T00:00:00Z".into()));
    assert!(body["id"].as_str().unwrap().starts_with(&bureau.collection));

    // Who sends elsewhere is not followed, and tried again.
    let led = led.lock().unwrap().clone();
    assert_eq!(led.len(), 1);
    assert!(led[0].1.contains("returned"), "{led:?}");
    let states = bureau.messages().await;
    assert!(states.iter().any(|one| one.fault == "对方回答 303" && one.state == MessageState::Waiting));
}

/// A batch with a unit that fails, and one without: each end is told once, to who wants it, and again to who did not hear.
#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_batch_is_told_until_it_is_heard() {
    let service = Service::start().await;
    let bureau = Bureau::of(&[""]).await;
    let (heard, address) = receiver(StatusCode::OK).await;
    bureau.webhook(address, &[Act::BatchCompletion, Act::BatchFailures]).await;
    let (of_failures, address) = receiver(StatusCode::OK).await;
    bureau.webhook(address, &[Act::BatchFailures]).await;
    let (broken, address) = receiver(StatusCode::INTERNAL_SERVER_ERROR).await;
    bureau.webhook(address, &[Act::BatchFailures]).await;
    let (led, address) = receiver(StatusCode::SEE_OTHER).await;
    bureau.webhook(address, &[Act::BatchFailures]).await;
    // One that takes the call and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    bureau.webhook(format!("http://{}/", silent.local_addr().unwrap()), &[Act::BatchFailures]).await;

    let first = service.begin(&reports(2, None)).await;
    assert_eq!(service.ended(&first).await["state"], "completed");
    let second = service.begin(&reports(2, Some(1))).await;
    assert_eq!(service.ended(&second).await["state"], "completed_with_failures");
    let batches = service.jobs.list(None, 10).await.unwrap();
    // The clock of these tests stands long before the batches, so that none is too old.
    let dispatch = bureau.dispatch(None, true);
    for _ in 0..2 {
        dispatch.tell_batches(&batches).await.unwrap();
        dispatch.call().await.unwrap();
    }
    let told = |heard: &Heard| -> Vec<Value> {
        heard.lock().unwrap().iter().map(|(_, body)| serde_json::from_str(body).unwrap()).collect()
    };
    let heard = told(&heard);
    assert_eq!(heard.len(), 2, "{heard:?}");
    for (place, event, failed) in
        [(&first, "batch_completed", 0), (&second, "batch_completed_with_failures", 1)]
    {
        let id = place.trim_start_matches("/api/batches/");
        let one = heard.iter().find(|one| one["batch"]["id"] == id).unwrap();
        assert_eq!((&one["event"], &one["id"]), (&event.into(), &format!("{id}-1").into()));
        assert_eq!(
            (&one["batch"]["counts"]["total"], &one["batch"]["counts"]["failed"]),
            (&2.into(), &failed.into())
        );
        assert_eq!(one["batch"]["name"], "各区.zip");
    }
    assert_eq!(told(&of_failures).len(), 1);
    assert_eq!(
        (told(&broken).len(), told(&led).len()),
        (1, 1),
        "who fails waits, who leads elsewhere is not followed"
    );
    let filter = OutboxFilter::default();
    let waiting = bureau.office.outbox.messages(&batches[0].id, &filter, 10).await.unwrap();
    let faults: Vec<_> =
        waiting.iter().filter(|one| one.state == MessageState::Waiting).map(|one| &one.fault).collect();
    assert_eq!(faults.len(), 3, "{waiting:#?}");
    for fault in ["对方回答 500", "对方回答 303", "对方 10 秒内没有应答"] {
        assert!(faults.iter().any(|one| *one == fault), "{faults:?}");
    }
}

#[tokio::test]
async fn a_trial_is_sent_once_and_tells_what_came_of_it() {
    let bureau = Bureau::of(&["a@example.cn"]).await;
    let outbox = &bureau.office.outbox;
    let (heard, address) = receiver(StatusCode::OK).await;
    bureau.webhook(address, &[Act::Return]).await;
    let (deaf, elsewhere) = receiver(StatusCode::INTERNAL_SERVER_ERROR).await;
    bureau.webhook(elsewhere, &[Act::Return]).await;
    let hooks = outbox.webhooks().await.unwrap();
    let dispatch = bureau.dispatch(None, true);
    for hook in &hooks {
        outbox.try_webhook(&doer(), &hook.id, "{\"event\":\"trial\"}", NOW).await.unwrap();
    }
    for _ in 0..2 {
        dispatch.call().await.unwrap();
        for hook in &hooks {
            outbox.put_off(MessageKind::Webhook, Some(&hook.id), NOW).await.unwrap();
        }
    }
    let trials = [
        outbox.last_trial(&hooks[0].id).await.unwrap().unwrap(),
        outbox.last_trial(&hooks[1].id).await.unwrap().unwrap(),
    ];
    assert_eq!(trials.each_ref().map(|one| one.state), [MessageState::Sent, MessageState::GivenUp]);
    assert_eq!(trials[1].fault, "对方回答 500");
    let heard = heard.lock().unwrap().clone();
    assert_eq!((heard.len(), heard[0].0["nianbao-event"].to_str().unwrap()), (1, "trial"));
    assert_eq!(heard[0].0["nianbao-signature"], format!("sha256={}", signature(SECRET, NOW, &heard[0].1)));
    assert_eq!(deaf.lock().unwrap().len(), 1, "it is not tried again");
    assert!(bureau.messages().await.is_empty(), "it is no collection's");
}

#[tokio::test]
async fn nobody_inside_is_called() {
    let bureau = Bureau::of(&[""]).await;
    // What some names mean is known before they are looked up, of others only then.
    let (heard, address) = receiver(StatusCode::OK).await;
    assert!(webhook_address(&address, false).is_err(), "{address}");
    assert!(webhook_address(&address, true).is_ok());
    let address = address.replace("localhost", &name_of_this_machine());
    assert!(webhook_address(&address, false).is_ok(), "{address}");
    bureau.webhook(address, &[Act::Reminder, Act::CollectionOpening]).await;
    let dispatch = bureau.dispatch(None, false);
    dispatch.gather().await.unwrap();
    dispatch.call().await.unwrap();
    let messages = bureau.messages().await;
    assert_eq!(messages.len(), 1);
    assert!(messages[0].fault.contains("指向本机或内网"), "{}", messages[0].fault);
    assert!(heard.lock().unwrap().is_empty());

    let hosts = [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "100.64.0.1",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a00:1]",
        "[::127.0.0.1]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::a00:1]",
        "[2002:7f00:1::]",
        "[2001::1]",
        "[2001:db8::1]",
        "１２７.０.０.１",
        "127。0。0。1",
        "[3fff::1]",
        "[100::1]",
        "[5f00::1]",
    ];
    let names = [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "oa.localhost",
        "localhost.localdomain",
        "oa.local",
        "nas.internal",
        "nas.home.arpa",
    ];
    for host in hosts.into_iter().chain(names) {
        let refused = webhook_address(&format!("http://{host}:8080/x"), false);
        assert!(refused.is_err(), "{host}: {refused:?}");
    }
    for written in
        ["ftp://example.cn/", "file:///etc/passwd", "//example.cn", "http://", "https://a:b@example.cn/", "x"]
    {
        assert!(webhook_address(written, true).is_err(), "{written}");
    }
    for public in ["8.8.8.8", "223.5.5.5", "172.32.0.1", "2400:3200::1", "::ffff:8.8.8.8"] {
        assert!(is_public(public.parse().unwrap()), "{public}");
    }
    for public in [" https://oa.example.gov.cn/hook?x=1 ", "https://mylocal/", "https://local.example.cn/"] {
        assert!(webhook_address(public, false).is_ok(), "{public}");
    }
}

/// A name by which this machine finds itself, as its table of hosts has it.
fn name_of_this_machine() -> String {
    let own = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let leads_here = |name: &String| {
        (name.as_str(), 0).to_socket_addrs().is_ok_and(|mut all| all.all(|one| !is_public(one.ip())))
    };
    let names = ["ip6-localhost".to_owned(), own.trim().to_owned()];
    names.into_iter().find(leads_here).expect("a name in /etc/hosts")
}
