//! What to do when someone at the terminal or the system asks the program to stop, or to take up anew what it serves.

use std::io::IsTerminal;

use anyhow::{Context, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Resolves when the program is asked to stop. Must be called within a runtime.
pub(super) fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = signal(SignalKind::interrupt()).context("不能接收停止信号")?;
    let mut terminate = signal(SignalKind::terminate()).context("不能接收停止信号")?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Each time that the system asks to take up settings, faces and templates anew (SIGHUP). Must be called within a
/// runtime. Nothing at a terminal: when that is closed, what was started at it ends.
pub(super) fn renewal_signal() -> Result<Option<Signal>> {
    if std::io::stderr().is_terminal() {
        return Ok(None);
    }
    signal(SignalKind::hangup()).map(Some).context("不能接收停止信号")
}

/// Calls `act` once when the program is asked to stop; asked again, it ends at once.
pub(super) fn when_asked_to_stop(act: impl FnOnce() + Send + 'static) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    let runtime = runtime.context("不能接收停止信号")?;
    let first = {
        let _inside = runtime.enter();
        stop_signal()?
    };
    #[expect(clippy::disallowed_methods, reason = "who asks twice does not wait; what is kept is whole")]
    std::thread::spawn(move || {
        runtime.block_on(async {
            first.await;
            act();
            if let Ok(second) = stop_signal() {
                second.await;
                std::process::exit(2);
            }
        });
    });
    Ok(())
}
