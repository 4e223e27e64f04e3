import Proxy
import Storage
import Synchronization

/// `/healthz` and `/readyz` of the admin listener. Nothing else is there yet, and nothing else is answered.
final class HealthResponder: LocalResponder {
    private let store: Store
    private let isDraining = Atomic<Bool>(false)

    init(store: Store) { self.store = store }

    /// From now on `/readyz` says no, so that a balancer sends nobody here any more.
    func drain() { isDraining.store(true, ordering: .relaxed) }

    func respond(to request: LocalRequest) async -> LocalResponse {
        guard request.method == "GET" || request.method == "HEAD" else { return Self.text(405, "method not allowed") }
        switch request.path {
        case "/healthz": return Self.text(200, "ok")
        case "/readyz":
            if isDraining.load(ordering: .relaxed) { return Self.text(503, "draining") }
            switch await store.lookUp({ try $0.signingKeys().isEmpty ? nil : true }) {
            case .found: return Self.text(200, "ready")
            case .absent: return Self.text(503, "no assertion key")
            case .unknown: return Self.text(503, "store unavailable")
            }
        default: return Self.text(404, "not found")
        }
    }

    private static func text(_ status: Int, _ text: String) -> LocalResponse {
        LocalResponse(
            status: status, headers: [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")],
            body: Array((text + "\n").utf8))
    }
}
