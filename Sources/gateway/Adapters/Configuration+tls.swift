import ConfigurationFile
import Proxy

/// Certificates and keys, in the data plane's words. It reads them as it will serve them, so that a key of
/// another certificate is found before anybody is shown it.
extension Configuration {
    /// For the data listeners; `nil` for plain HTTP. Throws the problem, with its line.
    func tlsContext() throws(Problem) -> TLSContext? {
        try tls.map { settings throws(Problem) in try Self.context(settings, offersHTTP2: true) }
    }

    /// For the admin listener.
    func adminTLSContext() throws(Problem) -> TLSContext? {
        try admin?.tls.map { settings throws(Problem) in try Self.context(settings, offersHTTP2: true) }
    }

    /// What `check` reports beside the problems of the file.
    var tlsProblems: [Problem] {
        var problems: [Problem] = []
        do throws(Problem) { _ = try tlsContext() } catch { problems.append(error) }
        do throws(Problem) { _ = try adminTLSContext() } catch { problems.append(error) }
        return problems
    }

    private static func context(_ settings: TLSSettings, offersHTTP2: Bool) throws(Problem) -> TLSContext {
        do throws(TLSContextError) {
            return try TLSContext(
                certificates: settings.certificates.map { TLSCertificate(chain: $0.chain, privateKey: $0.privateKey.revealed) },
                clientAuthority: settings.clientAuthority, offersHTTP2: offersHTTP2)
        } catch {
            throw problem(error, settings)
        }
    }

    private static func problem(_ error: TLSContextError, _ settings: TLSSettings) -> Problem {
        func line(_ index: Int) -> Int {
            index < settings.certificates.count ? settings.certificates[index].line : settings.certificate.line
        }
        return switch error {
        case .certificate(let index): Problem(line: line(index), "`certificate`: it holds something that is no X.509 certificate")
        case .privateKey(let index): Problem(line: line(index), "`private_key`: it can't be read as a private key")
        case .mismatch(let index): Problem(line: line(index), "`private_key`: it is not the key of the first certificate in `certificate`")
        case .nameless(let index):
            Problem(line: line(index), "`certificate`: it names no host, so no client would ever be shown it: remove it")
        case .clientAuthority: Problem(line: settings.clientAuthorityLine, "`client_ca`: it holds something that is no X.509 certificate")
        }
    }
}
