internal import CXMLSecurity

/// The C libraries under this target, initialised once for the process.
public enum SAMLLibrary {
    /// Why the libraries can't be used. Nothing of SAML works then.
    public enum Failure: String, Error, Sendable {
        case incompatibleVersion = "libxmlsec1 has another ABI than the one built against"
        case initialisation = "libxmlsec1 could not be initialised"
    }

    /// Initialises libxml2, libxmlsec1 and its OpenSSL back end, silences their printing and takes
    /// away libxml2's way to load anything external. Any number of calls, from any thread.
    public static func start() throws(Failure) {
        if let failure { throw failure }
    }

    /// For each public entry: the libraries are up and this thread's error handlers are silent.
    static func enter() throws(SAMLRefusal) {
        guard failure == nil else { throw .libraryUnavailable }
        cxs_silenceThreadErrors()
    }

    /// For each public exit: OpenSSL's queue is per thread, and what is left there would be taken
    /// for the cause of somebody else's failure.
    static func leave() {
        ERR_clear_error()
    }

    private static let failure: Failure? = {
        xmlInitParser()
        cxs_silenceErrors()
        guard xmlSecInit() >= 0 else { return .initialisation }
        guard cxs_xmlSecCheckVersion() == 1 else { return .incompatibleVersion }
        guard cxs_xmlSecCryptoAppInit() >= 0, cxs_xmlSecCryptoInit() >= 0 else { return .initialisation }
        // After xmlSecInit, which sets its own: nothing in this process has a reason to load a DTD,
        // an entity or a stylesheet through libxml2 (E18, E23).
        cxs_silenceErrors()
        cxs_refuseExternalEntities()
        ERR_clear_error()
        return nil
    }()
}
