//! Passwords: which are refused, and how they are kept.
//!
//! There is no rule about odd characters: it gives `Admin@123`. What is refused is what guessers try first.
//!
//! A password is kept as argon2id with 19 MiB, two passes and one lane, what OWASP asks for. So many are
//! reckoned at a time as the machine bears; who comes when too many wait is told to come again.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use unicode_normalization::UnicodeNormalization;

use super::secrets;

pub const SHORTEST_PASSWORD: usize = 8;
pub const LONGEST_PASSWORD: usize = 200;

/// How many are reckoned at a time, each with 19 MiB, and how many may wait for that.
const AT_A_TIME: usize = 4;
const IN_LINE: usize = 100;

static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("data/common_passwords.txt").lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with("# ")).collect()
});

/// Why a password is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    #[error("密码太短，请至少{SHORTEST_PASSWORD}个字符；几个不相干的词连起来就好记又难猜")]
    Short,
    #[error("密码太长，请不超过{LONGEST_PASSWORD}个字符")]
    Long,
    #[error("这是很多人用的密码，会最先被猜到；请换一个，几个不相干的词连起来就好")]
    Common,
    #[error("密码里有登录名，容易被猜到，请换一个")]
    LoginName,
    #[error("密码只是一两个字符的重复或一串连续的数字、字母，请换一个")]
    Monotonous,
}

/// What makes and compares hashes, so many at a time.
#[derive(Clone)]
pub(super) struct Hasher {
    line: Arc<Semaphore>,
    work: Arc<Semaphore>,
    /// The hash of what nobody knows: an unknown name takes as long as a known one.
    nobody: Arc<str>,
}

/// Too many passwords are being compared.
pub(super) struct TooMany;

/// Says what is wrong with a password for an account of that name, in its one form.
pub(super) fn faults(password: &str, login_name: &str) -> Vec<PasswordFault> {
    let length = password.chars().take(LONGEST_PASSWORD + 1).count();
    if LONGEST_PASSWORD < length {
        return vec![PasswordFault::Long];
    }
    let password = normal(password).to_lowercase();
    let mut faults = Vec::new();
    if length < SHORTEST_PASSWORD {
        faults.push(PasswordFault::Short);
    }
    if is_common(&password) {
        faults.push(PasswordFault::Common);
    } else if is_monotonous(&password) {
        faults.push(PasswordFault::Monotonous);
    }
    // A name of one or two letters is in everything.
    if 3 <= login_name.chars().count() && password.contains(login_name) {
        faults.push(PasswordFault::LoginName);
    }
    faults
}

/// Whether it is one of the list, or one of the list with what is usually put behind it (`!`, `123`, a year).
fn is_common(password: &str) -> bool {
    let tail = |c: char| c.is_ascii_digit() || c.is_ascii_punctuation();
    let stem = password.trim_end_matches(tail);
    let behind = password[stem.len()..].chars().count();
    COMMON.contains(password) || (behind <= 8 && COMMON.contains(stem))
}

/// `aaaaaaaa`, `12121212`, `34567890`, `hgfedcba`.
fn is_monotonous(password: &str) -> bool {
    let characters: Vec<char> = password.chars().collect();
    let kinds: HashSet<&char> = characters.iter().collect();
    let steps: HashSet<i64> = characters
        .windows(2)
        .map(|pair| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0])))
        .collect();
    // Behind the 9 of a keyboard comes the 0.
    let is_row =
        steps.iter().all(|step| matches!(step, 1 | -9)) || steps.iter().all(|step| matches!(step, -1 | 9));
    kinds.len() <= 2 || is_row
}

/// The one form of what may be typed in two.
fn normal(password: &str) -> String {
    password.nfc().collect()
}

impl Hasher {
    pub(super) async fn new() -> Self {
        let nobody = spawn_blocking(|| hash(&secrets::token())).await.expect("hashing does not panic");
        let nobody = nobody.expect("the system gives random bytes");
        let (line, work) = (Arc::new(Semaphore::new(IN_LINE)), Arc::new(Semaphore::new(AT_A_TIME)));
        Self { line, work, nobody: nobody.into() }
    }

    /// The hash that is kept of a password.
    pub(super) async fn hash(&self, password: &str) -> Result<String, TooMany> {
        let password = password.to_owned();
        let made = self.in_turn(move || hash(&password)).await?;
        Ok(made.expect("argon2 takes every password of our length, and the system gives random bytes"))
    }

    /// Whether it is the password of that hash; it takes as long where there is none.
    pub(super) async fn is_right(&self, password: &str, hash: Option<&str>) -> Result<bool, TooMany> {
        // A long one is nobody's; it is compared all the same.
        let password: String = password.chars().take(LONGEST_PASSWORD + 1).collect();
        let known = hash.is_some();
        let hash = hash.unwrap_or(&self.nobody).to_owned();
        let is_same = self.in_turn(move || is_of(&password, &hash)).await?;
        Ok(known && is_same)
    }

    /// Does it outside of the threads that answer.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, TooMany> {
        let _place = self.line.try_acquire().map_err(|_| TooMany)?;
        // It stays with the work, even if whoever asked for it has gone.
        let turn = Arc::clone(&self.work).acquire_owned().await.expect("never closed");
        let done = spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        Ok(done.await.expect("hashing does not panic"))
    }
}

fn hash(password: &str) -> Result<String, password_hash::Error> {
    Ok(Argon2::default().hash_password(normal(password).as_bytes())?.to_string())
}

fn is_of(password: &str, hash: &str) -> bool {
    let password = normal(password);
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}
