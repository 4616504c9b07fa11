//! Secrets, each in a file of its own that nobody else may read: command lines are seen by others.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// The token in a file, which whoever asks must show.
pub(super) fn token(path: &Path) -> Result<String> {
    let token = secret_in(path, "令牌文件")?;
    if token.len() < 16 || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        bail!("令牌文件 {} 里应有一个至少 16 位的令牌，由字母、数字和符号组成", path.display());
    }
    demand_private(path, "令牌文件")?;
    Ok(token)
}

/// The secret in a file. `what` says what the file is.
fn secret_in(path: &Path, what: &str) -> Result<String> {
    let secret = fs::read_to_string(path).with_context(|| format!("读不了{what} {}", path.display()))?;
    Ok(secret.trim().to_owned())
}

/// The same of a file that nobody else may read.
pub(super) fn private_secret(path: &Path, what: &str) -> Result<String> {
    let secret = secret_in(path, what)?;
    if secret.is_empty() {
        bail!("{what} {} 是空的", path.display());
    }
    demand_private(path, what)?;
    Ok(secret)
}

/// Refuses a file with a secret that others may read.
pub(super) fn demand_private(path: &Path, what: &str) -> Result<()> {
    let status = path.metadata().with_context(|| format!("读不了{what} {}", path.display()))?;
    if status.is_file() && status.permissions().mode() & 0o077 != 0 {
        bail!("{what} {} 别人也能读写：请运行 chmod 600 {}，并换一个", path.display(), as_argument(path));
    }
    Ok(())
}

/// A path as a shell takes it.
fn as_argument(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = path.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c));
    if is_plain { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}
