"""nginx, as the application behind a proxy and as the proxy that others are compared with."""
import measure

CONFIGURATION = """worker_processes {workers}; daemon off; pid {folder}/nginx.pid; error_log /dev/null;
events {{ worker_connections 40000; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 3600; tcp_nodelay on;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder};
  scgi_temp_path {folder}; client_max_body_size 0;
  {body}
}}"""


class Nginx:
    """One run of nginx. `body` is what stands in `http`, with `{port}` for a free port."""

    def __init__(self, body, workers=1):
        self.port, self.folder = measure.free_port(), measure.folder()
        path = self.folder / "nginx.conf"
        path.write_text(CONFIGURATION.format(workers=workers, folder=self.folder, body=body.replace("{port}", str(self.port))))
        self.process = measure.start(["nginx", "-c", path])
        measure.wait_for_port(self.port, self.process)


def responder():
    """An application that answers everything with 64 bytes."""
    return Nginx("server { listen 127.0.0.1:{port} backlog=4096; location / { return 200 '" + "x" * 64 + "'; } }")
