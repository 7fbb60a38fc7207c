import ServiceLifecycle
import Systemd
import UnixSignals

/// Reads the policies anew at each SIGHUP, and tells the service manager so.
struct ReloadAtHangup: Service {
    /// Trapped before anybody is told that the broker is ready, so that no signal that follows is lost.
    let signals: UnixSignalsSequence
    let policies: PolicyReload
    let manager: ServiceManager

    func run() async {
        for await _ in signals.cancelOnGracefulShutdown() {
            manager.reloading()
            manager.ready(status: await policies.reload())
        }
    }
}

/// Tells the service manager, and whoever asks whether the broker is ready, that it is about to end. To be told first,
/// it must be the last service of its group.
struct StopNotice: Service {
    let manager: ServiceManager
    let readiness: Readiness

    func run() async {
        // Cancelled means that another service has failed, which ends the broker, too.
        try? await gracefulShutdown()
        readiness.end()
        manager.stopping()
    }
}
