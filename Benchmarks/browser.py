"""The least that a browser is, for thousands of sign-ins: one kept connection, cookies per host, no redirects
followed."""
import http.client
import ssl
import urllib.parse


class Connection:
    """To the gateway, whatever host is named. With a certificate, over TLS."""

    def __init__(self, port, certificate=None):
        self.port, self.scheme = port, "https" if certificate else "http"
        if certificate:
            trust = ssl.create_default_context(cafile=str(certificate))
            trust.check_hostname = False
            self.http = http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=trust)
        else:
            self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def request(self, method, url, cookies, form=None):
        """(status, Location, body); keeps the cookies that are set."""
        parts = urllib.parse.urlsplit(url)
        headers = {"Host": parts.netloc, "Accept": "text/html"}
        jar = cookies.setdefault(parts.hostname, {})
        if jar:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        body = None
        if form is not None:
            body, headers["Content-Type"] = urllib.parse.urlencode(form), "application/x-www-form-urlencoded"
        target = parts.path + ("?" + parts.query if parts.query else "")
        self.http.request(method, target, body, headers)
        answer = self.http.getresponse()
        text = answer.read()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            if value and "max-age=0" not in line.lower():
                jar[name] = value
            else:
                jar.pop(name, None)
        return answer.status, answer.headers.get("Location"), text


class Visitor:
    """One person's browser at one gateway."""

    def __init__(self, connection):
        self.connection, self.cookies = connection, {}
        self.origin = f"{connection.scheme}://auth.localhost:{connection.port}"

    def get(self, url):
        return self.connection.request("GET", url, self.cookies)

    def post(self, url, form):
        return self.connection.request("POST", url, self.cookies, form)

    def redirect(self, url, beginning, form=None):
        """Where the address, or the form that is sent to it, leads; ends the benchmark if that is not under `beginning`."""
        status, location, text = self.get(url) if form is None else self.post(url, form)
        if status not in (302, 303) or not location.startswith(beginning):
            raise SystemExit(f"{url.split('?')[0]}: {status} {location} instead of a redirect to {beginning}\n{text[:400]}")
        return location
