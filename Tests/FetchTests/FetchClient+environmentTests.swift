import CCurl
import Foundation
import Glibc
import Testing

@testable import Fetch

@Suite("Fetch client: environment")
struct FetchClientEnvironmentTests {
    @Test("Proxy variables are not heeded")
    func proxies() async {
        // In a process of its own: the environment belongs to all threads.
        await #expect(processExitsWith: .success) {
            let proxy = try LocalServer { _, connection in connection.respond(body: "proxy") }
            let server = try LocalServer { _, connection in connection.respond(body: "server") }
            for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
                setenv(name, "http://127.0.0.1:\(proxy.port)", 1)
            }
            for name in ["no_proxy", "NO_PROXY"] { unsetenv(name) }
            let client = try FetchClient(allowedNetworks: AddressRange.loopback)
            let response = try await client.send(FetchRequest(url: server.url))
            #expect(response.body == Array("server".utf8))
            let secure = FetchRequest(url: "https://127.0.0.1:\(server.port)/", deadline: .milliseconds(300))
            #expect(await client.failure(secure) != nil)
            #expect(proxy.requests.isEmpty)

            // A handle without our options does use it.
            let easy = try #require(EasyHandle())
            gateway_curl_set_string(easy.pointer, CURLOPT_URL, server.url)
            gateway_curl_set_data_callback(easy.pointer, CURLOPT_WRITEFUNCTION) { _, _, count, _ in count }
            #expect(curl_easy_perform(easy.pointer) == CURLE_OK)
            #expect(proxy.requests.count == 1)
            server.stop()
            proxy.stop()
        }
    }

    /// OpenSSL's writes raise it when the peer is gone.
    @Test("The worker's thread does not die of a broken pipe")
    func brokenPipe() async throws {
        let (masks, continuation) = AsyncStream<Bool>.makeStream()
        #expect(
            WorkerThread.start {
                var mask = sigset_t()
                pthread_sigmask(SIG_BLOCK, nil, &mask)
                continuation.yield(sigismember(&mask, SIGPIPE) == 1)
            })
        var iterator = masks.makeAsyncIterator()
        #expect(await iterator.next() == true)
    }
}
