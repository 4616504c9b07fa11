//! Accounts that another service's word opens, on both databases.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use nianbao_office::accounts::{AccountFailure, Accounts, IdentityProof, Invitation, NewAccount, Role};
use nianbao_office::audit::{Doer, Record, RecordFilter};
use sqlx::AnyPool;

use crate::databases::on_each;

const NOW: i64 = 1_764_000_000;
const DAY: i64 = 86_400;
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn admin() -> Doer {
    Doer { name: "周某".into(), account: None, on_behalf: None, from: "192.0.2.1".into() }
}

fn owner(account: &str) -> Doer {
    Doer { account: Some(account.into()), ..admin() }
}

/// The word of a service that somebody is `subject`; each was asked for with another nonce.
fn proof(subject: &str, nonce: &str) -> IdentityProof {
    IdentityProof { issuer: "https://login.example".into(), subject: subject.into(), nonce: nonce.into() }
}

async fn open(pool: &AnyPool) -> (Accounts, Record) {
    let record = Record::open(pool).await.unwrap();
    (Accounts::open(pool).await.unwrap(), record)
}

async fn acts(record: &Record) -> Vec<String> {
    assert!(record.verify(None).await.unwrap().is_sound());
    let entries = record.entries(&RecordFilter::default(), None, 1000).await.unwrap();
    entries.into_iter().rev().map(|entry| entry.act).collect()
}

async fn account(accounts: &Accounts, login_name: &str) -> String {
    let new = NewAccount {
        login_name: login_name.into(),
        name: "王某".into(),
        role: Role::Reviewer,
        units: BTreeSet::new(),
    };
    accounts.make_account(&admin(), &new, NOW).await.unwrap()
}

async fn invitation(accounts: &Accounts) -> String {
    let invitation = Invitation { name: "李某".into(), role: Role::Observer, units: ["A".into()].into() };
    accounts.invite(&admin(), &invitation, NOW + DAY, NOW).await.unwrap().token
}

#[tokio::test]
async fn a_linked_account_is_opened_by_each_word_once() {
    on_each(async |pool| {
        let (accounts, record) = open(&pool).await;
        let id = account(&accounts, "wang").await;
        let unknown = accounts.login_by_identity(&proof("7", "1"), HERE, NOW).await;
        assert!(matches!(unknown, Err(AccountFailure::UnknownIdentity)));
        // Refused, it was used all the same.
        let used = accounts.login_by_identity(&proof("7", "1"), HERE, NOW).await;
        assert!(matches!(used, Err(AccountFailure::UsedProof)));
        accounts.link_identity(&owner(&id), &id, &proof("7", "2"), NOW).await.unwrap();
        // Of many who come with the same one is let in.
        let comers = (0..8).map(|_| {
            let accounts = accounts.clone();
            tokio::spawn(async move { accounts.login_by_identity(&proof("7", "3"), HERE, NOW).await })
        });
        let mut let_in = vec![];
        for comer in comers.collect::<Vec<_>>() {
            match comer.await.unwrap() {
                Ok(session) => let_in.push(session),
                Err(failure) => assert!(matches!(failure, AccountFailure::UsedProof), "{failure:?}"),
            }
        }
        assert_eq!(let_in.len(), 1);
        let visitor = accounts.visitor(&let_in[0].token, NOW).await.unwrap().unwrap();
        assert_eq!(visitor.account.as_ref(), Some(&id));
        // Another service's 7 is somebody else.
        let other = IdentityProof { issuer: "https://other.example".into(), ..proof("7", "4") };
        let unknown = accounts.login_by_identity(&other, HERE, NOW).await;
        assert!(matches!(unknown, Err(AccountFailure::UnknownIdentity)));
        for subject in ["", "7\0", "七", &"7".repeat(256)] {
            let unfit = accounts.login_by_identity(&proof(subject, "5"), HERE, NOW).await;
            assert!(matches!(unfit, Err(AccountFailure::UnfitIdentity)), "{subject:?}");
        }
        accounts.sweep(NOW + DAY).await.unwrap();
        let used = accounts.login_by_identity(&proof("7", "3"), HERE, NOW + DAY).await;
        assert!(matches!(used, Err(AccountFailure::UsedProof)), "a day long it is remembered");

        let linked = accounts.identities(&id).await.unwrap();
        assert_eq!((linked.len(), &*linked[0].subject, linked[0].since), (1, "7", NOW));
        accounts.disable_account(&admin(), &id, NOW).await.unwrap();
        let disabled = accounts.login_by_identity(&proof("7", "6"), HERE, NOW).await;
        assert!(matches!(disabled, Err(AccountFailure::DisabledAccount)));
        let disabled = accounts.link_identity(&owner(&id), &id, &proof("8", "7"), NOW).await;
        assert!(matches!(disabled, Err(AccountFailure::DisabledAccount)));
        let expected = [
            "account_made",
            "login_refused",
            "identity_linked",
            "login",
            "login_refused",
            "account_disabled",
            "login_refused",
        ];
        assert_eq!(acts(&record).await, expected);
    })
    .await;
}

#[tokio::test]
async fn an_identity_has_one_account_and_an_account_one_identity() {
    on_each(async |pool| {
        let (accounts, record) = open(&pool).await;
        let (one, other) = (account(&accounts, "wang").await, account(&accounts, "li").await);
        accounts.link_identity(&owner(&one), &one, &proof("7", "1"), NOW).await.unwrap();
        accounts.link_identity(&owner(&one), &one, &proof("7", "2"), NOW).await.unwrap();
        let taken = accounts.link_identity(&owner(&other), &other, &proof("7", "3"), NOW).await;
        assert!(matches!(taken, Err(AccountFailure::TakenIdentity)));
        let second = accounts.link_identity(&owner(&one), &one, &proof("8", "4"), NOW).await;
        assert!(matches!(second, Err(AccountFailure::SecondIdentity)));
        let link = invitation(&accounts).await;
        let taken = accounts.take_up_by_identity(&link, &proof("7", "5"), HERE, NOW).await;
        assert!(matches!(taken, Err(AccountFailure::TakenIdentity)));

        let id = &accounts.identities(&one).await.unwrap()[0].id;
        // Without a password its owner would lock himself out; whoever administers may.
        let last = accounts.unlink_identity(&owner(&one), &one, id, NOW).await;
        assert!(matches!(last, Err(AccountFailure::LastWayIn)));
        assert!(!accounts.unlink_identity(&admin(), &other, id, NOW).await.unwrap(), "of another account");
        let session = accounts.login_by_identity(&proof("7", "6"), HERE, NOW).await.unwrap();
        assert!(accounts.unlink_identity(&admin(), &one, id, NOW).await.unwrap());
        assert!(!accounts.unlink_identity(&admin(), &one, id, NOW).await.unwrap());
        assert_eq!(accounts.visitor(&session.token, NOW).await.unwrap(), None, "its sessions have ended");
        let unknown = accounts.login_by_identity(&proof("7", "7"), HERE, NOW).await;
        assert!(matches!(unknown, Err(AccountFailure::UnknownIdentity)));
        let log = acts(&record).await;
        assert_eq!(log.iter().filter(|act| *act == "identity_linked").count(), 1);
        assert_eq!(log.iter().filter(|act| *act == "identity_unlinked").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_invitation_is_taken_up_without_a_password() {
    on_each(async |pool| {
        let (accounts, record) = open(&pool).await;
        let link = invitation(&accounts).await;
        let session = accounts.take_up_by_identity(&link, &proof("7", "1"), HERE, NOW).await.unwrap();
        let visitor = accounts.visitor(&session.token, NOW).await.unwrap().unwrap();
        assert_eq!((&*visitor.name, visitor.role), ("李某", Role::Observer));
        let dead = accounts.take_up_by_identity(&link, &proof("8", "2"), HERE, NOW).await;
        assert!(matches!(dead, Err(AccountFailure::DeadLink)));
        accounts.login_by_identity(&proof("7", "3"), HERE, NOW).await.unwrap();
        // A link that resets a password links nothing.
        let id = visitor.account.unwrap();
        let reset = accounts.reset_link(&admin(), &id, NOW + DAY, NOW).await.unwrap();
        let dead = accounts.take_up_by_identity(&reset.token, &proof("9", "4"), HERE, NOW).await;
        assert!(matches!(dead, Err(AccountFailure::DeadLink)));
        // With a password of his own he may unlink himself.
        accounts.reset_password(&reset.token, "三只白鹭飞过江去", HERE, NOW).await.unwrap();
        let identity = &accounts.identities(&id).await.unwrap()[0].id;
        assert!(accounts.unlink_identity(&owner(&id), &id, identity, NOW).await.unwrap());
        let expected = [
            "link_made",
            "link_used",
            "account_made",
            "identity_linked",
            "login",
            "login",
            "link_made",
            "link_used",
            "password_set",
            "login",
            "identity_unlinked",
        ];
        assert_eq!(acts(&record).await, expected);
    })
    .await;
}
