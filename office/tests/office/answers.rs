//! Answers that are kept for requests that may come again.

use nianbao_office::answers::{Answers, KEPT, KeptAnswer, KeyedRequest, Repetition};

use crate::databases::on_each;

fn request(who: &str, key: &str, digest: &str) -> KeyedRequest {
    KeyedRequest { who: who.into(), key: key.into(), digest: digest.into() }
}

#[tokio::test]
async fn a_key_stands_for_one_request_of_one_sender_for_a_day() {
    on_each(async |pool| {
        let answers = Answers::open(&pool).await.unwrap();
        let one = request("account/甲", "'; DROP TABLE nianbao_answers; --", "aa");
        assert_eq!(answers.begin(&one, 1000).await.unwrap(), Repetition::New);
        assert_eq!(answers.begin(&one, 1001).await.unwrap(), Repetition::Begun);
        let other = KeyedRequest { digest: "bb".into(), ..one.clone() };
        assert_eq!(answers.begin(&other, 1001).await.unwrap(), Repetition::Another);
        let elsewhere = KeyedRequest { who: "account/乙".into(), ..one.clone() };
        assert_eq!(answers.begin(&elsewhere, 1001).await.unwrap(), Repetition::New);

        let answer = KeptAnswer { status: 201, location: "/x".into(), body: Some("{\"名\":1}".into()) };
        answers.finish(&one, &answer).await.unwrap();
        assert_eq!(answers.begin(&one, 1002).await.unwrap(), Repetition::Known(answer));
        // What was refused may be tried again; what was done may not.
        answers.forget(&elsewhere).await.unwrap();
        assert_eq!(answers.begin(&elsewhere, 1003).await.unwrap(), Repetition::New);
        answers.forget(&one).await.unwrap();
        assert!(matches!(answers.begin(&one, 1003).await.unwrap(), Repetition::Known(_)));

        assert_eq!(answers.begin(&other, 1000 + KEPT).await.unwrap(), Repetition::New, "it has ended");
        answers.sweep(2000 + 2 * KEPT).await.unwrap();
        let left: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM nianbao_answers").fetch_one(&pool).await.unwrap();
        assert_eq!(left, 0);
    })
    .await;
}

#[tokio::test]
async fn of_many_that_come_at_once_one_is_done() {
    on_each(async |pool| {
        let answers = Answers::open(&pool).await.unwrap();
        let one = request("desk", "k", "aa");
        let many = (0..16).map(|_| {
            let (answers, one) = (answers.clone(), one.clone());
            tokio::spawn(async move { answers.begin(&one, 1000).await.unwrap() })
        });
        let mut new = 0;
        for said in many.collect::<Vec<_>>() {
            new += usize::from(said.await.unwrap() == Repetition::New);
        }
        assert_eq!(new, 1);
    })
    .await;
}
