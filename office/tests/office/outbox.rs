//! The outbox: once for one purpose, one taker at a time, again after a while and not for ever.

use nianbao_office::audit::{Act, Deed, Doer, Record};
use nianbao_office::outbox::{
    GIVES_UP_AFTER, LEASE, MOST_WEBHOOKS, MessageKind, MessageState, NewMessage, NewWebhook, Outbox,
    OutboxFilter, WebhookFailure,
};
use sqlx::AnyPool;

use crate::databases::on_each;

async fn outbox(pool: &AnyPool) -> Outbox {
    Record::open(pool).await.unwrap();
    Outbox::open(pool).await.unwrap()
}

fn doer() -> Doer {
    Doer { name: "王某".into(), account: None, on_behalf: None, from: "127.0.0.1".into() }
}

fn message(purpose: &str, kind: MessageKind, recipient: &str) -> NewMessage {
    NewMessage {
        purpose: purpose.into(),
        kind,
        collection: "C1".into(),
        unit: "L01".into(),
        recipient: recipient.into(),
        subject: "'; DROP TABLE nianbao_outbox; --".into(),
        body: "<b>甲</b>\r\nBcc: x@y".into(),
        asked_by: "王某".into(),
    }
}

#[tokio::test]
async fn of_one_purpose_there_is_one_message_and_one_taker() {
    on_each(async |pool| {
        let (one, other) = (outbox(&pool).await, outbox(&pool).await);
        let mail = message("reminder/C1/L01", MessageKind::Mail, "a@example.cn");
        let doer = doer();
        let deed = Deed { doer: &doer, act: Act::Reminder, of: "collection/C1", detail: "1 个" };
        let put = |outbox: Outbox| {
            let (mail, deed) = (mail.clone(), deed);
            async move { outbox.put(&[mail.clone(), mail], Some(&deed), 100).await.unwrap() }
        };
        let (first, second) = tokio::join!(put(one.clone()), put(other.clone()));
        assert_eq!(first + second, 1);
        let noted = Record::open(&pool).await.unwrap().entries(&Default::default(), None, 10).await.unwrap();
        assert_eq!(noted.len(), 1, "what is there already is not asked for again");

        let kinds = [MessageKind::Mail, MessageKind::Entrance];
        assert_eq!(one.take(&[MessageKind::Webhook], None, 100).await.unwrap(), None);
        let (a, b) = tokio::join!(one.take(&kinds, None, 100), other.take(&kinds, None, 100));
        let (a, b) = (a.unwrap(), b.unwrap());
        assert_eq!(usize::from(a.is_some()) + usize::from(b.is_some()), 1);
        let dead = a.or(b).unwrap();
        assert_eq!(dead.message, mail);
        // Who has it dies: another takes it, and what the first may still say of it counts no more.
        assert_eq!(one.take(&kinds, None, 100 + LEASE - 1).await.unwrap(), None);
        let again = other.take(&kinds, None, 100 + LEASE).await.unwrap().unwrap();
        assert_eq!((again.id.clone(), again.attempts), (dead.id.clone(), 2));
        one.failed(&dead, "late", true, 500).await.unwrap();
        other.sent(&again, 500).await.unwrap();
        let kept = one.messages("C1", &OutboxFilter::default(), 10).await.unwrap();
        assert_eq!((kept[0].state, kept[0].done_at, &*kept[0].fault), (MessageState::Sent, Some(500), ""));
        assert_eq!(other.take(&kinds, None, 1 << 40).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn what_fails_waits_longer_each_time_and_is_given_up_in_the_end() {
    on_each(async |pool| {
        let outbox = outbox(&pool).await;
        let mail = [message("1", MessageKind::Mail, "a@example.cn")];
        outbox.put(&mail, None, 0).await.unwrap();
        let (mut now, mut waits) = (0, vec![]);
        let tries = loop {
            let taken = outbox.take(&[MessageKind::Mail], None, now).await.unwrap().unwrap();
            if outbox.failed(&taken, "连不上\n\u{1b}[31m", false, now).await.unwrap() == MessageState::GivenUp
            {
                break taken.attempts;
            }
            let next = outbox.messages("C1", &OutboxFilter::default(), 1).await.unwrap()[0].next_at;
            assert_eq!(outbox.take(&[MessageKind::Mail], None, next - 1).await.unwrap(), None);
            waits.push(next - now);
            now = next;
        };
        assert_eq!(tries, GIVES_UP_AFTER as i64);
        assert!(waits.is_sorted() && waits[0] == 60 && waits.last() == Some(&86_400), "{waits:?}");
        let given_up = OutboxFilter { state: Some(MessageState::GivenUp), ..Default::default() };
        let shown = outbox.messages("C1", &given_up, 10).await.unwrap();
        assert_eq!(shown[0].fault, "连不上  [31m");
        assert!(outbox.message_counts("C1").await.unwrap().contains(&(MessageState::GivenUp, 1)));

        // Somebody has mended it.
        assert_eq!(outbox.try_again("C1", now).await.unwrap(), 1);
        let taken = outbox.take(&[MessageKind::Mail], None, now).await.unwrap().unwrap();
        // In what is wrong with the address itself there is no use.
        assert_eq!(outbox.failed(&taken, "550", true, now).await.unwrap(), MessageState::GivenUp);
    })
    .await;
}

#[tokio::test]
async fn who_does_not_answer_keeps_only_his_own_waiting() {
    on_each(async |pool| {
        let outbox = outbox(&pool).await;
        let to = |recipient: &str, number: usize| {
            message(&format!("{recipient}{number}"), MessageKind::Webhook, recipient)
        };
        let messages: Vec<NewMessage> =
            (0..20).map(|n| to("SLOW", n)).chain((0..2).map(|n| to("QUICK", n))).collect();
        outbox.put(&messages, None, 0).await.unwrap();
        let webhook = [MessageKind::Webhook];
        let slow = outbox.take(&webhook, Some("SLOW"), 0).await.unwrap().unwrap();
        outbox.failed(&slow, "", false, 0).await.unwrap();
        outbox.put_off(MessageKind::Webhook, Some("SLOW"), 60).await.unwrap();
        for _ in 0..2 {
            assert_eq!(outbox.take(&webhook, None, 1).await.unwrap().unwrap().message.recipient, "QUICK");
        }
        assert_eq!(outbox.take(&webhook, None, 59).await.unwrap(), None);
        for attempts in [2, 1] {
            let taken = outbox.take(&webhook, None, 60).await.unwrap().unwrap();
            assert_eq!(taken.attempts, attempts, "the others were not tried");
        }
    })
    .await;
}

#[tokio::test]
async fn events_are_told_once() {
    on_each(async |pool| {
        let outbox = outbox(&pool).await;
        assert_eq!(outbox.seen("C1").await.unwrap(), 0);
        let mail = [message("event/1", MessageKind::Mail, "a@example.cn")];
        let put = || outbox.put_of_events("C1", (0, 5), &mail, 0);
        let (a, b) = tokio::join!(put(), put());
        assert!(a.unwrap() != b.unwrap(), "one of them");
        assert_eq!(outbox.seen("C1").await.unwrap(), 5);
        assert!(!outbox.put_of_events("C1", (3, 9), &[], 0).await.unwrap());
        assert_eq!(outbox.messages("C1", &OutboxFilter::default(), 9).await.unwrap().len(), 1);

        let entrance = [message("entrance", MessageKind::Entrance, "a@example.cn")];
        outbox.put(&entrance, None, 0).await.unwrap();
        assert_eq!(outbox.withdraw_entrances("C1", 1).await.unwrap(), 1);
        assert_eq!(outbox.take(&[MessageKind::Entrance], None, 9).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn webhooks_are_kept_and_noted_without_their_secrets() {
    const SECRET: &str = "0123456789abcdef-secret";
    on_each(async |pool| {
        let outbox = outbox(&pool).await;
        let new = NewWebhook {
            name: "办公系统".into(),
            address: "https://oa.example.cn/hook".into(),
            secret: SECRET.into(),
            acts: vec![Act::Return, Act::Acceptance],
        };
        let add = |new: NewWebhook| {
            let outbox = outbox.clone();
            async move { outbox.add_webhook(&doer(), &new, 100).await }
        };
        let short = add(NewWebhook { secret: "短".into(), ..new.clone() }).await;
        assert!(matches!(short, Err(WebhookFailure::Secret)));
        let blank = add(NewWebhook { name: " \n".into(), ..new.clone() }).await;
        assert!(matches!(blank, Err(WebhookFailure::Name)));
        let idle = add(NewWebhook { acts: vec![], ..new.clone() }).await;
        assert!(matches!(idle, Err(WebhookFailure::NoActs)));
        let id = add(new.clone()).await.unwrap();
        let (webhook, secret) = outbox.webhook_to_call(&id).await.unwrap().unwrap();
        assert_eq!((webhook.acts, &*secret), (new.acts.clone(), SECRET));
        outbox.turn_webhook(&doer(), &id, true, 100).await.unwrap();
        assert!(outbox.webhook_to_call(&id).await.unwrap().is_none());
        for _ in 1..MOST_WEBHOOKS {
            add(new.clone()).await.unwrap();
        }
        assert!(matches!(add(new.clone()).await, Err(WebhookFailure::Many)));
        outbox.remove_webhook(&doer(), &id, 100).await.unwrap();
        let gone = outbox.remove_webhook(&doer(), &id, 100).await;
        assert!(matches!(gone, Err(WebhookFailure::Unknown)));
        assert_eq!(outbox.webhooks().await.unwrap().len() as i64, MOST_WEBHOOKS - 1);
        let record = Record::open(&pool).await.unwrap();
        let noted = record.entries(&Default::default(), None, 100).await.unwrap();
        assert_eq!(noted.len() as i64, MOST_WEBHOOKS + 2);
        assert!(noted.iter().all(|entry| !entry.detail.contains(SECRET)));
    })
    .await;
}
