"""An OpenID Connect provider for benchmarks: any number of issuers on one port, one RSA key, no pages.

The benchmark asks it for the callback address that belongs to an authorization request. The ID token is signed
then, so that the token endpoint costs next to nothing while a callback is measured."""
import base64
import hashlib
import http.server
import json
import random
import secrets
import threading
import time
import urllib.parse


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class RSAKey:
    """2048 bits, the same in every run. For nothing but benchmarks: its random numbers are not random."""

    def __init__(self, seed=1):
        source = random.Random(seed)
        while True:
            self.p, self.q = self._prime(source), self._prime(source)
            self.n = self.p * self.q
            if self.n.bit_length() == 2048:
                break
        d = pow(65537, -1, (self.p - 1) * (self.q - 1))
        self.dp, self.dq, self.inverse = d % (self.p - 1), d % (self.q - 1), pow(self.q, -1, self.p)

    @staticmethod
    def _prime(source):
        while True:
            candidate = source.getrandbits(1024) | 3 << 1022 | 1
            if candidate % 65537 != 1 and all(candidate % small for small in (3, 5, 7, 11, 13, 17, 19, 23)):
                if all(RSAKey._passes(candidate, source.randrange(2, candidate - 1)) for _ in range(16)):
                    return candidate

    @staticmethod
    def _passes(candidate, base):
        """Miller-Rabin."""
        odd, twos = candidate - 1, 0
        while odd % 2 == 0:
            odd, twos = odd // 2, twos + 1
        x = pow(base, odd, candidate)
        if x in (1, candidate - 1):
            return True
        for _ in range(twos - 1):
            x = x * x % candidate
            if x == candidate - 1:
                return True
        return False

    def sign(self, message):
        """RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2.1)."""
        prefix = bytes.fromhex("3031300d060960864801650304020105000420")
        block = prefix + hashlib.sha256(message).digest()
        block = b"\0\1" + b"\xff" * (256 - 3 - len(block)) + b"\0" + block
        number = int.from_bytes(block, "big")
        at_p, at_q = pow(number, self.dp, self.p), pow(number, self.dq, self.q)
        return (at_q + self.q * ((at_p - at_q) * self.inverse % self.p)).to_bytes(256, "big")

    @property
    def jwk(self):
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1", "e": "AQAB", "n": base64url(self.n.to_bytes(256, "big"))}


class Provider:
    """Issuers `http://127.0.0.1:PORT/ANY-NAME`."""

    def __init__(self):
        self.key, self.codes = RSAKey(), {}
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self):
                name, _, path = self.path.lstrip("/").partition("/")
                issuer = f"{provider.origin}/{name}"
                if path == ".well-known/openid-configuration":
                    self.answer({
                        "issuer": issuer, "authorization_endpoint": issuer + "/authorize", "token_endpoint": issuer + "/token",
                        "jwks_uri": issuer + "/keys", "response_types_supported": ["code"],
                        "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"],
                        "code_challenge_methods_supported": ["S256"]})
                elif path == "keys":
                    self.answer({"keys": [provider.key.jwk]})
                else:
                    self.send_error(404)

            def do_POST(self):
                form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                tokens = provider.codes.pop(form.get("code"), None)
                self.answer(tokens or {"error": "invalid_grant"}, 200 if tokens else 400)

            def answer(self, value, status=200):
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Cache-Control", "max-age=86400")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

        self.server = Server(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def callback(self, authorization, subject, email):
        """The address to which the provider would send the browser back."""
        parts = urllib.parse.urlsplit(authorization)
        query = dict(urllib.parse.parse_qsl(parts.query))
        issuer, now = self.origin + "/" + parts.path.split("/")[1], int(time.time())
        claims = {
            "iss": issuer, "aud": query["client_id"], "sub": subject, "iat": now, "exp": now + 3600, "auth_time": now,
            "nonce": query["nonce"], "email": email, "email_verified": True, "name": "Some Body"}
        head = base64url(json.dumps({"alg": "RS256", "kid": "1", "typ": "JWT"}).encode())
        signed = head + "." + base64url(json.dumps(claims).encode())
        code = secrets.token_urlsafe(24)
        self.codes[code] = {
            "access_token": secrets.token_urlsafe(24), "token_type": "Bearer", "expires_in": 3600,
            "id_token": signed + "." + base64url(self.key.sign(signed.encode()))}
        return query["redirect_uri"] + "?" + urllib.parse.urlencode({"code": code, "state": query["state"]})
