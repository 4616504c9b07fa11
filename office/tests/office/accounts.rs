//! Who may come in, and what they may do, on both databases.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use nianbao_office::accounts::{
    AccountEdit, AccountFailure, AccountFault, Accounts, EntranceUnit, IDLE_SECONDS, Invitation, LinkPurpose,
    NameFault, NewAccount, NewSession, Newcomer, PasswordFault, Right, Role, Scope, UnitReach, Visitor,
    WHOLE_SECONDS, may, may_in, scope,
};
use nianbao_office::audit::{Doer, Record, RecordFilter};
use sqlx::AnyPool;

use crate::databases::on_each;

const NOW: i64 = 1_764_000_000;
const DAY: i64 = 86_400;
const GOOD: &str = "三只白鹭飞过江去";
const OTHER: &str = "correct horse battery";
/// What is in names that are not meant well.
const HOSTILE: &str = "<script>'\"; DROP TABLE nianbao_accounts; --\0\u{202E}{{x}}";

fn here() -> IpAddr {
    "192.0.2.7".parse().unwrap()
}

fn there() -> IpAddr {
    "198.51.100.9".parse().unwrap()
}

fn admin() -> Doer {
    Doer { name: "周某".into(), account: None, on_behalf: None, from: "192.0.2.1".into() }
}

fn units(codes: &[&str]) -> BTreeSet<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

fn newcomer(login_name: &str, password: &str) -> Newcomer {
    Newcomer { login_name: login_name.into(), name: "王某".into(), password: password.into() }
}

async fn open(pool: &AnyPool) -> (Accounts, Record) {
    let record = Record::open(pool).await.unwrap();
    (Accounts::open(pool).await.unwrap(), record)
}

/// The acts of the record, the oldest first; its chain must be sound.
async fn acts(record: &Record) -> Vec<String> {
    assert!(record.verify(None).await.unwrap().is_sound());
    let entries = record.entries(&RecordFilter::default(), None, 1000).await.unwrap();
    entries.into_iter().rev().map(|entry| entry.act).collect()
}

/// The first administrator, come in.
async fn first(accounts: &Accounts) -> NewSession {
    let link = accounts.first_link(NOW + DAY, NOW).await.unwrap().unwrap();
    accounts.take_up(&link.token, &newcomer("zhou", GOOD), here(), NOW).await.unwrap()
}

/// Somebody with an account, come in. Gives the account's id too.
async fn invited(accounts: &Accounts, login_name: &str, role: Role, of: &[&str]) -> (String, NewSession) {
    let invitation = Invitation { name: "王某".into(), role, units: units(of) };
    let link = accounts.invite(&admin(), &invitation, NOW + DAY, NOW).await.unwrap();
    let session = accounts.take_up(&link.token, &newcomer(login_name, GOOD), here(), NOW).await.unwrap();
    let visitor = visitor(accounts, &session, NOW).await.unwrap();
    (visitor.account.unwrap(), session)
}

async fn visitor(accounts: &Accounts, session: &NewSession, now: i64) -> Option<Visitor> {
    accounts.visitor(&session.token, now).await.unwrap()
}

fn faults<T>(result: Result<T, AccountFailure>) -> Vec<AccountFault> {
    match result {
        Err(AccountFailure::Faults(faults)) => faults,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("nothing is wrong"),
    }
}

#[test]
fn the_table_of_rights_says_who_may_do_what() {
    let visitor = |role: Role| Visitor {
        role,
        units: if role.is_of_units() { UnitReach::Only(units(&["A", "B"])) } else { UnitReach::All },
        ..Visitor::at_the_desk()
    };
    for role in Role::ALL {
        assert_eq!(Role::from_code(role.code()), Some(role));
        let visitor = visitor(role);
        for right in Right::ALL {
            let expected = match scope(role, *right) {
                Scope::Nothing => [false, false, false],
                Scope::Own => [true, false, false],
                Scope::All if role.is_of_units() => [true, false, true],
                Scope::All => [true, true, true],
            };
            let units = [Some("B"), Some("C"), None];
            assert_eq!(units.map(|unit| may(&visitor, *right, unit)), expected, "{role:?} {right:?}");
        }
    }
    // Who reviews does not sign, and who writes does not review.
    for right in [Right::Accept, Right::Return, Right::Reopen, Right::Extend, Right::OpenCollection] {
        assert!(Role::ALL.iter().all(|role| scope(*role, right) != Scope::Own));
        assert!(may(&visitor(Role::Reviewer), right, Some("A")));
        assert!(!may(&visitor(Role::Writer), right, Some("A")));
    }
    for right in [Right::ManageAccounts, Right::ReadRecord, Right::BackUp] {
        let allowed: Vec<_> =
            Role::ALL.into_iter().filter(|role| may(&visitor(*role), right, None)).collect();
        assert_eq!(allowed, [Role::Administrator]);
    }
    let signers: Vec<_> =
        Role::ALL.into_iter().filter(|role| may(&visitor(*role), Right::SignOff, Some("A"))).collect();
    assert_eq!(signers, [Role::Signer]);
    let codes: BTreeSet<_> = Right::ALL.iter().map(|right| right.code()).collect();
    let words: BTreeSet<_> = Right::ALL.iter().map(|right| right.words()).collect();
    assert_eq!((codes.len(), words.len()), (Right::ALL.len(), Right::ALL.len()));
    assert!(may(&Visitor::at_the_desk(), Right::ManageAccounts, None));
}

#[tokio::test]
async fn the_first_administrator_comes_by_a_link_that_is_good_once() {
    on_each(async |pool| {
        let (accounts, record) = open(&pool).await;
        let old = accounts.first_link(NOW + DAY, NOW).await.unwrap().unwrap();
        let link = accounts.first_link(NOW + DAY, NOW).await.unwrap().unwrap();
        // The new one is the one that is good; to look at it changes nothing.
        assert_eq!(accounts.look_at_link(&old.token, NOW).await.unwrap(), None);
        for _ in 0..3 {
            let seen = accounts.look_at_link(&link.token, NOW).await.unwrap().unwrap();
            assert_eq!(
                (seen.purpose, seen.role),
                (LinkPurpose::FirstAdministrator, Some(Role::Administrator))
            );
        }
        let dead = accounts.take_up(&old.token, &newcomer("zhou", GOOD), here(), NOW).await;
        assert!(matches!(dead, Err(AccountFailure::DeadLink)));
        // What is wrong with the form is told all at once, and the link stays good.
        let all = faults(accounts.take_up(&link.token, &newcomer("\u{202E}", "123"), here(), NOW).await);
        assert!(all.contains(&NameFault::InvisibleLoginName.into()), "{all:?}");
        assert!(all.contains(&PasswordFault::Short.into()), "{all:?}");
        let session = accounts.take_up(&link.token, &newcomer("zhou", GOOD), here(), NOW).await.unwrap();
        let again = accounts.take_up(&link.token, &newcomer("li", GOOD), here(), NOW).await;
        assert!(matches!(again, Err(AccountFailure::DeadLink)));
        assert!(accounts.first_link(NOW + DAY, NOW).await.unwrap().is_none());
        let visitor = visitor(&accounts, &session, NOW).await.unwrap();
        assert_eq!((visitor.role, &visitor.units), (Role::Administrator, &UnitReach::All));
        assert!(may(&visitor, Right::ManageAccounts, None));
        assert_eq!(acts(&record).await, ["link_made", "link_replaced", "link_used", "account_made", "login"]);
    })
    .await;
}

#[tokio::test]
async fn of_many_who_would_be_the_first_administrator_one_is() {
    on_each(async |pool| {
        let (accounts, record) = open(&pool).await;
        // Several machines start at once, and whoever sees a link takes it.
        let starts = (0..4).map(|_| {
            let accounts = accounts.clone();
            tokio::spawn(async move { accounts.first_link(NOW + DAY, NOW).await.unwrap().unwrap().token })
        });
        let mut links = Vec::new();
        for start in starts.collect::<Vec<_>>() {
            links.push(start.await.unwrap());
        }
        let takers = links.iter().flat_map(|link| [link, link]).enumerate().map(|(number, link)| {
            let (accounts, link) = (accounts.clone(), link.clone());
            tokio::spawn(async move {
                accounts.take_up(&link, &newcomer(&format!("person{number}"), GOOD), here(), NOW).await
            })
        });
        let mut taken = 0;
        for taker in takers.collect::<Vec<_>>() {
            match taker.await.unwrap() {
                Ok(_) => taken += 1,
                Err(failure) => assert!(matches!(failure, AccountFailure::DeadLink), "{failure:?}"),
            }
        }
        assert_eq!(taken, 1);
        assert_eq!(accounts.accounts(None, 100).await.unwrap().len(), 1);
        assert_eq!(acts(&record).await.iter().filter(|act| *act == "account_made").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_invitation_makes_the_account_that_it_says() {
    on_each(async |pool| {
        let (accounts, record) = open(&pool).await;
        first(&accounts).await;
        let bad = Invitation { name: "\u{200B}".into(), role: Role::Writer, units: units(&[]) };
        let all = faults(accounts.invite(&admin(), &bad, NOW, NOW).await);
        assert_eq!(all.len(), 3, "{all:?}");
        let needless = Invitation { name: "王某".into(), role: Role::Reviewer, units: units(&["A"]) };
        let all = faults(accounts.invite(&admin(), &needless, NOW + DAY, NOW).await);
        assert_eq!(all, [AccountFault::NeedlessUnits(Role::Reviewer)]);

        let (id, session) = invited(&accounts, "wang", Role::Writer, &["A", "B"]).await;
        let visitor = visitor(&accounts, &session, NOW).await.unwrap();
        assert_eq!((visitor.role, visitor.units), (Role::Writer, UnitReach::Only(units(&["A", "B"]))));
        let account = accounts.account(&id).await.unwrap().unwrap();
        assert!(account.has_password && !account.is_disabled);
        let all = accounts.accounts(None, 100).await.unwrap();
        assert_eq!((all.len(), &all[1]), (2, &account));
        assert_eq!(accounts.accounts(None, 1).await.unwrap(), all[..1]);
        assert_eq!(accounts.accounts(Some(&all[0].id), 1).await.unwrap(), all[1..]);

        // A name that is taken, however it is typed, does not use the link up.
        let invitation = Invitation { name: "李某".into(), role: Role::Reviewer, units: units(&[]) };
        let link = accounts.invite(&admin(), &invitation, NOW + DAY, NOW).await.unwrap();
        let taken = accounts.take_up(&link.token, &newcomer(" ＷＡＮＧ ", GOOD), here(), NOW).await;
        assert_eq!(faults(taken), [AccountFault::LoginName]);
        assert_eq!(accounts.links(NOW).await.unwrap().len(), 1);
        // It ends by itself, and can be taken back.
        let late = accounts.take_up(&link.token, &newcomer("li", GOOD), here(), NOW + DAY).await;
        assert!(matches!(late, Err(AccountFailure::DeadLink)));
        assert!(accounts.revoke_link(&admin(), &link.id, NOW).await.unwrap());
        assert!(!accounts.revoke_link(&admin(), &link.id, NOW).await.unwrap());
        assert!(!accounts.revoke_link(&admin(), HOSTILE, NOW).await.unwrap());
        let dead = accounts.take_up(&link.token, &newcomer("li", GOOD), here(), NOW).await;
        assert!(matches!(dead, Err(AccountFailure::DeadLink)));
        assert!(acts(&record).await.ends_with(&["link_made".into(), "link_revoked".into()]));
    })
    .await;
}

#[tokio::test]
async fn two_who_take_one_link_are_not_both_let_in() {
    on_each(async |pool| {
        let (accounts, _) = open(&pool).await;
        let invitation = Invitation { name: "王某".into(), role: Role::Reviewer, units: units(&[]) };
        let link = accounts.invite(&admin(), &invitation, NOW + DAY, NOW).await.unwrap();
        let takers = (0..6).map(|number| {
            let (accounts, link) = (accounts.clone(), link.token.clone());
            tokio::spawn(async move {
                accounts
                    .take_up(&link, &newcomer(&format!("person{number}"), GOOD), here(), NOW)
                    .await
                    .is_ok()
            })
        });
        let mut let_in = 0;
        for taker in takers.collect::<Vec<_>>() {
            let_in += usize::from(taker.await.unwrap());
        }
        assert_eq!(let_in, 1);
        assert_eq!(accounts.accounts(None, 100).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn whoever_knows_the_password_comes_in_and_goes() {
    on_each(async |pool| {
        let (accounts, record) = open(&pool).await;
        first(&accounts).await;
        let one = accounts.login("  Zhou ", GOOD, here(), NOW).await.unwrap();
        let other = accounts.login("zhou", GOOD, here(), NOW).await.unwrap();
        assert_ne!(one.token, other.token);
        let known = visitor(&accounts, &one, NOW).await.unwrap();
        assert_eq!(accounts.sessions(known.account.as_ref().unwrap(), NOW).await.unwrap().len(), 3);
        accounts.logout(&known, here(), NOW).await.unwrap();
        accounts.logout(&known, here(), NOW).await.unwrap();
        // A session that was copied is none any more.
        assert_eq!(visitor(&accounts, &one, NOW).await, None);
        assert!(visitor(&accounts, &other, NOW).await.is_some());
        for token in ["", HOSTILE, &other.token.to_uppercase(), &other.token[1..]] {
            assert_eq!(accounts.visitor(token, NOW).await.unwrap(), None);
            assert_eq!(accounts.visitor_of_token(token, NOW).await.unwrap(), None);
        }
        let account = known.account.unwrap();
        assert_eq!(accounts.end_sessions(&admin(), &account, Some(&other.id), NOW).await.unwrap(), 1);
        assert_eq!(accounts.end_sessions(&admin(), &account, None, NOW).await.unwrap(), 1);
        assert_eq!(accounts.end_sessions(&admin(), &account, None, NOW).await.unwrap(), 0);
        let log = acts(&record).await;
        assert_eq!(log[4..], ["login", "login", "logout", "sessions_ended", "sessions_ended"]);

        // Unknown, wrong, disabled: one answer. What was typed for a name is not kept.
        let (id, _) = invited(&accounts, "wang", Role::Observer, &["A"]).await;
        accounts.disable_account(&admin(), &id, NOW).await.unwrap();
        for name in ["nobody", "zhou", "wang", HOSTILE, "", &"长".repeat(100_000)] {
            let password = if name == "zhou" { OTHER } else { GOOD };
            let refused = accounts.login(name, password, there(), NOW).await;
            assert!(matches!(refused, Err(AccountFailure::WrongPassword)), "{name}");
        }
        let refused = record.entries(&RecordFilter::default(), None, 6).await.unwrap();
        assert!(refused.iter().all(|entry| entry.act == "login_refused" && entry.doer.account.is_none()));
        assert!(refused.iter().all(|entry| !format!("{entry:?}").contains("nobody")));
        assert_eq!(refused[4].of, format!("account/{account}"));
    })
    .await;
}

#[tokio::test]
async fn sessions_end_when_unused_and_after_their_span() {
    on_each(async |pool| {
        let (accounts, _) = open(&pool).await;
        let idle = first(&accounts).await;
        let used = accounts.login("zhou", GOOD, here(), NOW).await.unwrap();
        assert!(visitor(&accounts, &idle, NOW + 30).await.is_some());
        assert!(visitor(&accounts, &used, NOW + IDLE_SECONDS).await.is_some());
        assert_eq!(visitor(&accounts, &idle, NOW + IDLE_SECONDS + 1).await, None);
        let mut now = NOW + IDLE_SECONDS;
        while now + 3600 < NOW + WHOLE_SECONDS {
            now += 3600;
            assert!(visitor(&accounts, &used, now).await.is_some());
        }
        assert!(visitor(&accounts, &used, NOW + WHOLE_SECONDS - 1).await.is_some());
        assert_eq!(visitor(&accounts, &used, NOW + WHOLE_SECONDS).await, None);
        accounts.sweep(NOW + WHOLE_SECONDS).await.unwrap();
        let left: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM nianbao_sessions").fetch_one(&pool).await.unwrap();
        assert_eq!(left, 0);
    })
    .await;
}

#[tokio::test]
async fn a_clock_that_is_set_back_neither_ends_nor_lengthens_a_session() {
    on_each(async |pool| {
        let (accounts, _) = open(&pool).await;
        let used = first(&accounts).await;
        let idle = accounts.login("zhou", GOOD, here(), NOW).await.unwrap();
        assert!(visitor(&accounts, &used, NOW + 3600).await.is_some());
        // A year back.
        let back = NOW - 365 * DAY;
        assert!(visitor(&accounts, &used, back).await.is_some());
        // The other one was not used, and is as old as it was from then on.
        let id = visitor(&accounts, &used, back).await.unwrap().account.unwrap();
        assert_eq!(accounts.sessions(&id, back + IDLE_SECONDS + 1).await.unwrap().len(), 0);
        assert_eq!(visitor(&accounts, &idle, back + IDLE_SECONDS + 1).await, None);
        // Of the whole span the hour before is spent.
        let mut now = back;
        while now + 3600 < back + WHOLE_SECONDS - 3600 {
            now += 3600;
            assert!(visitor(&accounts, &used, now).await.is_some());
        }
        assert_eq!(visitor(&accounts, &used, back + WHOLE_SECONDS - 3600).await, None);
    })
    .await;
}

#[tokio::test]
async fn a_password_that_changes_ends_all_sessions() {
    on_each(async |pool| {
        let (accounts, record) = open(&pool).await;
        let one = first(&accounts).await;
        let other = accounts.login("zhou", GOOD, there(), NOW).await.unwrap();
        let id = visitor(&accounts, &one, NOW).await.unwrap().account.unwrap();
        let token = accounts.make_token(&admin(), &id, "导出程序", NOW + DAY, NOW).await.unwrap();
        let wrong = accounts.change_password(&id, OTHER, OTHER, here(), NOW).await;
        assert!(matches!(wrong, Err(AccountFailure::WrongPassword)));
        let weak = accounts.change_password(&id, GOOD, "zhou-zhou-zhou", here(), NOW).await;
        assert_eq!(faults(weak), [PasswordFault::LoginName.into()]);
        let new = accounts.change_password(&id, GOOD, OTHER, here(), NOW).await.unwrap();
        for ended in [&one, &other] {
            assert_eq!(visitor(&accounts, ended, NOW).await, None);
        }
        assert!(visitor(&accounts, &new, NOW).await.is_some());
        assert!(accounts.visitor_of_token(&token.token, NOW).await.unwrap().is_some());
        assert!(accounts.login("zhou", GOOD, here(), NOW).await.is_err());

        // By a link, for whoever has forgotten it: tokens end too. A new link takes the place of the old.
        let old = accounts.reset_link(&admin(), &id, NOW + DAY, NOW).await.unwrap();
        let link = accounts.reset_link(&admin(), &id, NOW + DAY, NOW).await.unwrap();
        assert!(accounts.reset_password(&old.token, GOOD, here(), NOW).await.is_err());
        // It makes no account.
        assert!(accounts.take_up(&link.token, &newcomer("more", GOOD), here(), NOW).await.is_err());
        let weak = accounts.reset_password(&link.token, "12345678", here(), NOW).await;
        assert_eq!(faults(weak), [PasswordFault::Common.into()]);
        let reset = accounts.reset_password(&link.token, GOOD, here(), NOW).await.unwrap();
        assert!(accounts.reset_password(&link.token, OTHER, here(), NOW).await.is_err());
        assert_eq!(visitor(&accounts, &new, NOW).await, None);
        assert!(visitor(&accounts, &reset, NOW).await.is_some());
        assert_eq!(accounts.visitor_of_token(&token.token, NOW).await.unwrap(), None);
        assert!(accounts.login("zhou", OTHER, here(), NOW).await.is_err());
        accounts.login("zhou", GOOD, here(), NOW).await.unwrap();
        assert_eq!(acts(&record).await.iter().filter(|act| *act == "password_set").count(), 2);
        assert!(matches!(
            accounts.reset_link(&admin(), HOSTILE, NOW + DAY, NOW).await,
            Err(AccountFailure::NoAccount)
        ));
    })
    .await;
}

#[tokio::test]
async fn of_many_who_change_a_password_at_once_one_does() {
    on_each(async |pool| {
        let (accounts, record) = open(&pool).await;
        let session = first(&accounts).await;
        let id = visitor(&accounts, &session, NOW).await.unwrap().account.unwrap();
        let changes = (0..5).map(|number| {
            let (accounts, id) = (accounts.clone(), id.clone());
            tokio::spawn(async move {
                accounts.change_password(&id, GOOD, &format!("{OTHER} {number}"), here(), NOW).await.is_ok()
            })
        });
        let mut changed = 0;
        for change in changes.collect::<Vec<_>>() {
            changed += usize::from(change.await.unwrap());
        }
        assert_eq!(changed, 1);
        assert_eq!(accounts.sessions(&id, NOW).await.unwrap().len(), 1);
        assert_eq!(acts(&record).await.iter().filter(|act| *act == "password_set").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn whoever_comes_when_too_many_do_is_told_to_come_again_and_has_not_guessed() {
    on_each(async |pool| {
        let (accounts, _) = open(&pool).await;
        first(&accounts).await;
        // Each from a network of its own, so that none waits for the others.
        let logins = (0..300).map(|number| {
            let accounts = accounts.clone();
            let from: IpAddr = format!("2001:db8:1:{number:x}::1").parse().unwrap();
            tokio::spawn(async move { accounts.login("zhou", OTHER, from, NOW).await })
        });
        let (mut tried, mut busy) = (0_i64, 0);
        for login in logins.collect::<Vec<_>>() {
            match login.await.unwrap() {
                Err(AccountFailure::WrongPassword) => tried += 1,
                Err(AccountFailure::Busy) => busy += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(tried + busy, 300);
        let counted: Option<i64> =
            sqlx::query_scalar("SELECT MAX(wrong) FROM nianbao_guesses").fetch_one(&pool).await.unwrap();
        assert_eq!(counted, Some(tried));
        accounts.login("zhou", GOOD, here(), NOW).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn passwords_that_are_guessed_first_are_refused() {
    on_each(async |pool| {
        let (accounts, _) = open(&pool).await;
        let link = accounts.first_link(NOW + DAY, NOW).await.unwrap().unwrap();
        let common = [
            "12345678",
            "woaini1314",
            "Admin@123",
            "ADMIN888",
            "sfj12345",
            "Fazhi2026!",
            "ndbg2025#",
            "P@ssw0rd",
            "1qaz2wsx",
            "qwertyuiop",
            "sifaju20260101",
            "zhengfu@123",
            "88888888",
        ];
        for password in common {
            let refused = accounts.take_up(&link.token, &newcomer("zhou", password), here(), NOW).await;
            assert_eq!(faults(refused), [PasswordFault::Common.into()], "{password}");
        }
        let others: [(&str, PasswordFault); 6] = [
            ("7 chars", PasswordFault::Short),
            ("八个字才够用啊", PasswordFault::Short),
            ("abababababab", PasswordFault::Monotonous),
            ("jihgfedcb", PasswordFault::Monotonous),
            ("my-Zhou-2031", PasswordFault::LoginName),
            (&"长".repeat(201), PasswordFault::Long),
        ];
        for (password, fault) in others {
            let refused = accounts.take_up(&link.token, &newcomer("zhou", password), here(), NOW).await;
            assert_eq!(faults(refused), [fault.into()], "{password}");
        }
        // Whatever is in it, and however it is composed.
        let odd = "e\u{301}\0'\u{202E}<b>{{";
        accounts.take_up(&link.token, &newcomer("zhou", odd), here(), NOW).await.unwrap();
        accounts.login("zhou", "\u{e9}\0'\u{202E}<b>{{", here(), NOW).await.unwrap();
        let stored: String =
            sqlx::query_scalar("SELECT password FROM nianbao_accounts").fetch_one(&pool).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
    })
    .await;
}

#[tokio::test]
async fn who_guesses_waits_longer_and_longer_and_nobody_else_does() {
    on_each(async |pool| {
        let (accounts, _) = open(&pool).await;
        first(&accounts).await;
        let wrong = async |from: IpAddr, now| match accounts.login("zhou", OTHER, from, now).await {
            Err(AccountFailure::WrongPassword) => 0,
            Err(AccountFailure::Wait(seconds)) => seconds,
            other => panic!("{other:?}"),
        };
        for _ in 0..6 {
            assert_eq!(wrong(there(), NOW).await, 0);
        }
        assert_eq!(wrong(there(), NOW).await, 1);
        // While it waits the right one is not tried either.
        assert!(matches!(accounts.login("ZHOU", GOOD, there(), NOW).await, Err(AccountFailure::Wait(1))));
        assert_eq!(wrong(there(), NOW + 1).await, 0);
        assert_eq!(wrong(there(), NOW + 1).await, 2);
        let mut now = NOW + 3;
        for _ in 0..10 {
            assert_eq!(wrong(there(), now).await, 0);
            let wait = wrong(there(), now).await;
            assert!((4..=300).contains(&wait), "{wait}");
            now += wait;
        }
        assert_eq!(wrong(there(), now).await, 0);
        assert_eq!(wrong(there(), now).await, 300);
        // The owner, elsewhere, comes in at once; and so does somebody else there.
        accounts.login("zhou", GOOD, here(), now).await.unwrap();
        let (_, _) = invited(&accounts, "wang", Role::Observer, &["A"]).await;
        accounts.login("wang", GOOD, there(), now).await.unwrap();
        // A clock that is set back does not leave anyone waiting; and what is long ago is forgotten.
        assert_eq!(wrong(there(), now - DAY).await, 0);
        accounts.login("zhou", GOOD, there(), now + DAY).await.unwrap();
        assert_eq!(wrong(there(), now + DAY).await, 0);
        assert_eq!(wrong(there(), now + DAY).await, 0);
        accounts.sweep(now + 3 * DAY).await.unwrap();
        let left: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM nianbao_guesses").fetch_one(&pool).await.unwrap();
        assert_eq!(left, 0);
    })
    .await;
}

#[tokio::test]
async fn guesses_at_once_are_counted_as_well_as_one_after_the_other() {
    on_each(async |pool| {
        let (accounts, _) = open(&pool).await;
        first(&accounts).await;
        // All of one network, of which everyone has very many addresses.
        let guesses = (0..20).map(|number| {
            let accounts = accounts.clone();
            let from: IpAddr = format!("2001:db8:1:2::{number:x}").parse().unwrap();
            tokio::spawn(async move { accounts.login("zhou", OTHER, from, NOW).await })
        });
        let mut tried = 0;
        for guess in guesses.collect::<Vec<_>>() {
            match guess.await.unwrap() {
                Err(AccountFailure::WrongPassword) => tried += 1,
                other => assert!(matches!(other, Err(AccountFailure::Wait(_))), "{other:?}"),
            }
        }
        assert_eq!(tried, 6);
        accounts.login("zhou", GOOD, "2001:db8:1:3::1".parse().unwrap(), NOW).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn many_guesses_put_answers_off_and_refuse_nothing() {
    on_each(async |pool| {
        let (accounts, _) = open(&pool).await;
        first(&accounts).await;
        sqlx::query("UPDATE nianbao_guesses SET wrong = 0").execute(&pool).await.unwrap();
        let pause = async |from, now| accounts.pause("Zhou", from, now).await.unwrap();
        assert_eq!(pause(here(), NOW).await, Duration::ZERO);
        // As from many networks.
        assert!(accounts.login("zhou", OTHER, there(), NOW).await.is_err());
        sqlx::query("UPDATE nianbao_guesses SET wrong = 250 WHERE until_at = 0 AND wrong = 1")
            .execute(&pool)
            .await
            .unwrap();
        assert_eq!(pause(here(), NOW).await, Duration::from_secs(2));
        accounts.login("zhou", GOOD, here(), NOW).await.unwrap();
        assert_eq!(pause(here(), NOW + DAY).await, Duration::ZERO);
    })
    .await;
}

#[tokio::test]
async fn the_last_administrator_stays_one() {
    on_each(async |pool| {
        let (accounts, record) = open(&pool).await;
        let session = first(&accounts).await;
        let id = visitor(&accounts, &session, NOW).await.unwrap().account.unwrap();
        let edit = AccountEdit { name: "周某".into(), role: Role::Reviewer, units: units(&[]) };
        let last = |result| assert!(matches!(result, Err(AccountFailure::LastAdministrator)), "{result:?}");
        last(accounts.disable_account(&admin(), &id, NOW).await);
        last(accounts.change_account(&admin(), &id, &edit, NOW).await);
        // One without a password cannot come in, and does not count.
        let new = NewAccount {
            login_name: "li".into(),
            name: "李某".into(),
            role: Role::Administrator,
            units: units(&[]),
        };
        let second = accounts.make_account(&admin(), &new, NOW).await.unwrap();
        last(accounts.disable_account(&admin(), &id, NOW).await);
        let link = accounts.reset_link(&admin(), &second, NOW + DAY, NOW).await.unwrap();
        accounts.reset_password(&link.token, GOOD, here(), NOW).await.unwrap();
        // Two who would each be rid of the other: one stays.
        let both = [(id.clone(), "disable"), (second.clone(), "change")].map(|(id, how)| {
            let (accounts, edit) = (accounts.clone(), edit.clone());
            tokio::spawn(async move {
                match how {
                    "disable" => accounts.disable_account(&admin(), &id, NOW).await.is_ok(),
                    _ => accounts.change_account(&admin(), &id, &edit, NOW).await.is_ok(),
                }
            })
        });
        let mut gone = 0;
        for one in both {
            gone += usize::from(one.await.unwrap());
        }
        assert_eq!(gone, 1);
        acts(&record).await;
    })
    .await;
}

#[tokio::test]
async fn a_change_of_rights_works_at_once() {
    on_each(async |pool| {
        let (accounts, record) = open(&pool).await;
        first(&accounts).await;
        let (id, session) = invited(&accounts, "wang", Role::Writer, &["A"]).await;
        let before = acts(&record).await.len();
        let token = accounts.make_token(&admin(), &id, "程序", NOW + DAY, NOW).await.unwrap();
        let edit = AccountEdit { name: "王某某".into(), role: Role::Signer, units: units(&["B"]) };
        accounts.change_account(&admin(), &id, &edit, NOW).await.unwrap();
        let seen = visitor(&accounts, &session, NOW).await.unwrap();
        assert!(may(&seen, Right::SignOff, Some("B")) && !may(&seen, Right::WriteDraft, Some("A")));
        let seen = accounts.visitor_of_token(&token.token, NOW).await.unwrap().unwrap();
        assert!(may(&seen, Right::SignOff, Some("B")) && !may(&seen, Right::SignOff, Some("A")));
        // Twice the same changes nothing, and is not noted.
        accounts.change_account(&admin(), &id, &edit, NOW).await.unwrap();

        accounts.disable_account(&admin(), &id, NOW).await.unwrap();
        accounts.disable_account(&admin(), &id, NOW).await.unwrap();
        assert_eq!(visitor(&accounts, &session, NOW).await, None);
        assert_eq!(accounts.visitor_of_token(&token.token, NOW).await.unwrap(), None);
        assert!(accounts.login("wang", GOOD, here(), NOW).await.is_err());
        assert!(accounts.begin_session(&id, "统一登录", here(), NOW).await.is_err());
        accounts.enable_account(&admin(), &id, NOW).await.unwrap();
        assert_eq!(visitor(&accounts, &session, NOW).await, None);
        let known = accounts.begin_session(&id, "统一登录", here(), NOW).await.unwrap();
        assert!(visitor(&accounts, &known, NOW).await.is_some());
        assert_eq!(
            acts(&record).await[before..],
            [
                "token_made",
                "account_changed",
                "role_changed",
                "account_disabled",
                "login_refused",
                "account_enabled",
                "login"
            ]
        );
        for id in ["", "nobody", HOSTILE] {
            let gone = accounts.change_account(&admin(), id, &edit, NOW).await;
            assert!(matches!(gone, Err(AccountFailure::NoAccount)));
            assert_eq!(accounts.account(id).await.unwrap(), None);
        }
    })
    .await;
}

#[tokio::test]
async fn accounts_go_with_a_unit_that_is_merged_into_another() {
    on_each(async |pool| {
        let (accounts, record) = open(&pool).await;
        let (one, _) = invited(&accounts, "wang", Role::Writer, &["A", "B"]).await;
        let (other, session) = invited(&accounts, "li", Role::Signer, &["A"]).await;
        assert_eq!(accounts.move_unit(&admin(), "A", "B", NOW).await.unwrap(), 2);
        assert_eq!(accounts.move_unit(&admin(), "A", "B", NOW).await.unwrap(), 0);
        assert_eq!(accounts.move_unit(&admin(), "B", "B", NOW).await.unwrap(), 0);
        for id in [&one, &other] {
            assert_eq!(accounts.account(id).await.unwrap().unwrap().units, units(&["B"]));
        }
        assert!(may(&visitor(&accounts, &session, NOW).await.unwrap(), Right::SignOff, Some("B")));
        assert!(accounts.move_unit(&admin(), HOSTILE, "B", NOW).await.is_err());
        assert_eq!(acts(&record).await.last().unwrap(), "role_changed");
    })
    .await;
}

#[tokio::test]
async fn markup_in_every_name_is_a_name() {
    on_each(async |pool| {
        let (accounts, record) = open(&pool).await;
        let markup = "<b onclick=\"x\">';--";
        let invitation = Invitation { name: markup.into(), role: Role::Writer, units: units(&[markup]) };
        let link = accounts.invite(&admin(), &invitation, NOW + DAY, NOW).await.unwrap();
        let hostile = Newcomer { login_name: markup.into(), name: HOSTILE.repeat(2), password: GOOD.into() };
        let long = faults(accounts.take_up(&link.token, &hostile, here(), NOW).await);
        assert_eq!(long, [NameFault::LongName.into()]);
        let hostile = Newcomer { name: format!("{markup}\0\u{202E}"), ..hostile };
        let session = accounts.take_up(&link.token, &hostile, here(), NOW).await.unwrap();
        let seen = visitor(&accounts, &session, NOW).await.unwrap();
        // What nobody sees is gone.
        assert_eq!(seen.name, markup);
        assert_eq!(seen.units, UnitReach::Only(units(&[markup])));
        accounts.login(markup, GOOD, here(), NOW).await.unwrap();
        let bad = Invitation { name: "王某".into(), role: Role::Writer, units: units(&[HOSTILE]) };
        let all = faults(accounts.invite(&admin(), &bad, NOW + DAY, NOW).await);
        assert_eq!(all, [NameFault::UnitCode.into()]);
        acts(&record).await;
    })
    .await;
}

#[tokio::test]
async fn a_token_is_shown_once_and_can_be_revoked() {
    on_each(async |pool| {
        let (accounts, record) = open(&pool).await;
        let session = first(&accounts).await;
        let id = visitor(&accounts, &session, NOW).await.unwrap().account.unwrap();
        assert_eq!(faults(accounts.make_token(&admin(), &id, " ", NOW, NOW).await).len(), 2);
        let token = accounts.make_token(&admin(), &id, "导出<b>", NOW + DAY, NOW).await.unwrap();
        assert_eq!(accounts.tokens(&id, NOW).await.unwrap()[0].used_at, None);
        let seen = accounts.visitor_of_token(&token.token, NOW + 5).await.unwrap().unwrap();
        assert_eq!((seen.role, seen.session), (Role::Administrator, None));
        assert_eq!(accounts.tokens(&id, NOW).await.unwrap()[0].used_at, Some(NOW + 5));
        // It is no session, and a session is no token.
        assert_eq!(accounts.visitor(&token.token, NOW).await.unwrap(), None);
        assert_eq!(accounts.visitor_of_token(&session.token, NOW).await.unwrap(), None);
        assert_eq!(accounts.visitor_of_token(&token.token, NOW + DAY).await.unwrap(), None);
        let kept: String =
            sqlx::query_scalar("SELECT digest FROM nianbao_tokens").fetch_one(&pool).await.unwrap();
        assert!(!kept.contains(&token.token) && !token.token.contains(&kept));
        assert!(!accounts.revoke_token(&admin(), "another", &token.id, NOW).await.unwrap());
        assert!(!accounts.revoke_token(&admin(), &id, HOSTILE, NOW).await.unwrap());
        assert!(accounts.revoke_token(&admin(), &id, &token.id, NOW).await.unwrap());
        assert!(!accounts.revoke_token(&admin(), &id, &token.id, NOW).await.unwrap());
        assert_eq!(accounts.visitor_of_token(&token.token, NOW).await.unwrap(), None);
        for number in 0..20 {
            accounts.make_token(&admin(), &id, &format!("第{number}个"), NOW + DAY, NOW).await.unwrap();
        }
        let more = accounts.make_token(&admin(), &id, "又一个", NOW + DAY, NOW).await;
        assert!(matches!(more, Err(AccountFailure::ManyTokens)));
        assert!(acts(&record).await.contains(&"token_revoked".into()));
    })
    .await;
}

fn entrance_units(count: usize) -> Vec<EntranceUnit> {
    (0..count).map(|n| EntranceUnit { code: format!("U{n}"), name: format!("第{n}局") }).collect()
}

#[tokio::test]
async fn a_unit_comes_in_by_its_link_and_code() {
    on_each(async |pool| {
        let (accounts, record) = open(&pool).await;
        let made = accounts.make_entrances(&admin(), "C1", &entrance_units(3), NOW + DAY, NOW).await.unwrap();
        let one = &made[1];
        assert_eq!((one.unit.as_str(), one.code.len(), one.link.len()), ("U1", 11, 26));
        for _ in 0..2 {
            let seen = accounts.look_at_entrance(&one.link, NOW).await.unwrap().unwrap();
            assert_eq!((&*seen.unit, &*seen.unit_name, &*seen.collection), ("U1", "第1局", "C1"));
        }
        // Several persons, however they type the code.
        let full: String = one
            .code
            .chars()
            .map(|c| match c {
                '!'..='~' => char::from_u32(c as u32 + 0xFEE0).unwrap(),
                other => other,
            })
            .collect();
        let typed = [one.code.clone(), one.code.to_lowercase().replace('-', " "), full.replace('０', "o")];
        for (code, name) in typed.iter().zip(["王某", "李<b>", "  张\u{202E}\0某  "]) {
            let session = accounts.enter(&one.link, code, name, here(), NOW).await.unwrap();
            let seen = visitor(&accounts, &session, NOW).await.unwrap();
            assert_eq!(seen.name, format!("{}（第1局）", name.trim().replace(['\u{202E}', '\0'], "")));
            assert_eq!((seen.role, &seen.account), (Role::Writer, &None));
            assert!(may_in(&seen, Right::WriteDraft, "C1", Some("U1")));
            assert!(!may_in(&seen, Right::WriteDraft, "C2", Some("U1")));
            assert!(!may_in(&seen, Right::WriteDraft, "C1", Some("U2")));
            assert!(!may(&seen, Right::Accept, Some("U1")) && !may(&seen, Right::ReadBoard, None));
        }
        // Another unit's code, a code alone, names that are none.
        let other = accounts.enter(&one.link, &made[2].code, "王某", here(), NOW).await;
        assert!(matches!(other, Err(AccountFailure::WrongCode)));
        for link in ["", HOSTILE, &one.code] {
            let dead = accounts.enter(link, &one.code, "王某", here(), NOW).await;
            assert!(matches!(dead, Err(AccountFailure::DeadEntrance)));
        }
        assert_eq!(
            faults(accounts.enter(&one.link, &one.code, "\u{200B} ", here(), NOW).await),
            [NameFault::NoName.into()]
        );
        let long = accounts.enter(&one.link, &one.code, &"某".repeat(1_000_000), here(), NOW).await;
        assert_eq!(faults(long), [NameFault::LongName.into()]);
        let expired = accounts.enter(&one.link, &one.code, "王某", here(), NOW + DAY).await;
        assert!(matches!(expired, Err(AccountFailure::DeadEntrance)));
        assert_eq!(
            acts(&record).await,
            ["entrance_made", "entrance_used", "entrance_used", "entrance_used", "login_refused"]
        );
    })
    .await;
}

#[tokio::test]
async fn an_entrance_that_is_replaced_or_closed_ends_at_once() {
    on_each(async |pool| {
        let (accounts, record) = open(&pool).await;
        let two = entrance_units(2);
        let old = accounts.make_entrances(&admin(), "C1", &two, NOW + DAY, NOW).await.unwrap();
        let sessions = [
            accounts.enter(&old[0].link, &old[0].code, "王某", here(), NOW).await.unwrap(),
            accounts.enter(&old[1].link, &old[1].code, "李某", here(), NOW).await.unwrap(),
        ];
        let new = accounts.make_entrances(&admin(), "C1", &two[..1], NOW + DAY, NOW).await.unwrap();
        assert_eq!(visitor(&accounts, &sessions[0], NOW).await, None);
        assert!(visitor(&accounts, &sessions[1], NOW).await.is_some());
        assert_eq!(accounts.look_at_entrance(&old[0].link, NOW).await.unwrap(), None);
        assert!(accounts.enter(&old[0].link, &new[0].code, "王某", here(), NOW).await.is_err());
        let session = accounts.enter(&new[0].link, &new[0].code, "王某", here(), NOW).await.unwrap();
        assert_eq!(accounts.entrances("C1", NOW).await.unwrap().len(), 2);
        assert_eq!(accounts.revoke_entrances(&admin(), "C1", Some("U0"), NOW).await.unwrap(), 1);
        assert_eq!(visitor(&accounts, &session, NOW).await, None);
        assert_eq!(accounts.revoke_entrances(&admin(), "C1", None, NOW).await.unwrap(), 1);
        assert_eq!(accounts.revoke_entrances(&admin(), "C1", None, NOW).await.unwrap(), 0);
        assert_eq!(accounts.revoke_entrances(&admin(), HOSTILE, None, NOW).await.unwrap(), 0);
        assert_eq!(visitor(&accounts, &sessions[1], NOW).await, None);
        assert!(accounts.entrances("C1", NOW).await.unwrap().is_empty());
        accounts.sweep(NOW).await.unwrap();
        // With its end its sessions end, too.
        let last = accounts.make_entrances(&admin(), "C1", &two, NOW + 600, NOW).await.unwrap();
        let session = accounts.enter(&last[0].link, &last[0].code, "王某", here(), NOW).await.unwrap();
        assert!(visitor(&accounts, &session, NOW + 599).await.is_some());
        assert_eq!(visitor(&accounts, &session, NOW + 600).await, None);
        let log = acts(&record).await;
        assert_eq!(log.iter().filter(|act| *act == "entrance_replaced").count(), 1);
        assert_eq!(log.iter().filter(|act| *act == "entrance_revoked").count(), 2);
    })
    .await;
}

#[tokio::test]
async fn wrong_codes_are_limited() {
    on_each(async |pool| {
        let (accounts, _) = open(&pool).await;
        let made = accounts.make_entrances(&admin(), "C1", &entrance_units(1), NOW + DAY, NOW).await.unwrap();
        let guesses = (0..20).map(|_| {
            let (accounts, link) = (accounts.clone(), made[0].link.clone());
            tokio::spawn(async move { accounts.enter(&link, "00000-00000", "某", there(), NOW).await })
        });
        let mut tried = 0;
        for guess in guesses.collect::<Vec<_>>() {
            tried += usize::from(matches!(guess.await.unwrap(), Err(AccountFailure::WrongCode)));
        }
        assert_eq!(tried, 6);
        let waits = accounts.enter(&made[0].link, &made[0].code, "某", there(), NOW).await;
        assert!(matches!(waits, Err(AccountFailure::Wait(1))));
        accounts.enter(&made[0].link, &made[0].code, "某", here(), NOW).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn all_units_of_a_province_get_theirs_at_once() {
    on_each(async |pool| {
        let (accounts, record) = open(&pool).await;
        let units = entrance_units(1500);
        let makers = [1, 2].map(|_| {
            let (accounts, mut units) = (accounts.clone(), units.clone());
            tokio::spawn(async move {
                units.reverse();
                accounts.make_entrances(&admin(), "C1", &units, NOW + DAY, NOW).await.unwrap()
            })
        });
        let mut lists = Vec::new();
        for maker in makers {
            lists.push(maker.await.unwrap());
        }
        let mut good = 0;
        for list in &lists {
            assert_eq!(list.len(), 1500);
            good += usize::from(accounts.look_at_entrance(&list[7].link, NOW).await.unwrap().is_some());
        }
        let links: BTreeSet<_> =
            lists.iter().flatten().flat_map(|one| [one.link.clone(), one.code.clone()]).collect();
        // Of two who did it at once, the links of the second are good.
        assert_eq!((good, links.len()), (1, 6000));
        assert_eq!(accounts.entrances("C1", NOW).await.unwrap().len(), 1500);
        assert_eq!(acts(&record).await, ["entrance_made", "entrance_replaced"]);
        let bad = [EntranceUnit { code: HOSTILE.into(), name: "某局".into() }];
        let all = faults(accounts.make_entrances(&admin(), "C1", &bad, NOW, NOW).await);
        assert_eq!(all.len(), 2);
    })
    .await;
}
