// Proxy owns the data plane: listeners, TLS, HTTP/1.1 heads as bytes, HTTP/2 streams, canonical hosts and paths, the route
// table, the per-loop cache of ready identity headers, header filtering and injection, upstream pools
// and the streaming of bodies in both directions.
//
// It knows no sign-in, no organization beyond a slug, no token beyond its SHA-256, no storage and no
// key but those of its listeners' certificates. A `SessionSource` tells it which header bytes a session is worth on a route, and a
// `LocalResponder` answers what is not forwarded. It decides and acts on the same bytes: a host and a
// path are made canonical once, the decision is taken on that form and that form is forwarded.
//
// Everything that belongs to one event loop is in that loop's `LoopState`: no lock, no atomic and no
// `async` hop lies on the path of a request whose session is cached.
//
// An `Exchange` is one request under way. It meets the client through `ClientTransport`, which an
// `HTTP1Connection` or an `HTTP2Stream` is, and the upstream through `ResponseReceiver`. `LoopState.accept`
// puts together what an accepted connection needs before that: a PROXY header, a TLS handshake.
