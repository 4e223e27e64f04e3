// DemoWorld owns everything that stands around the gateway in the demo and in tests: an OpenID
// provider, a SAML identity provider, two applications, the people who sign in, and the
// configuration file that ties them to a gateway. The identity providers are also the tests' fake
// ones, with faults that a test can inject.
//
// It knows nothing of the gateway's own code. It meets the gateway only over HTTP, as a real
// identity provider and a real application would, and checks assertions as an application should.
//
// It listens on loopback only. Its identity providers ask for no password: they exist to show and
// to test sign-ins, and have nobody to protect.

/// The demo's people, servers and configuration.
public enum DemoWorld {}
