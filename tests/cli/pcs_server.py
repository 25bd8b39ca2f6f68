"""A server that answers like Intel's PCS and like a PCCS, from files that lab-intel made; and one
that misbehaves on purpose. Paths, headers and content types are those of the PCS API v4."""
import http.server
import os
import ssl
import threading
import time
import urllib.parse

SGX, TDX = "/sgx/certification/v4", "/tdx/certification/v4"


class Server(http.server.ThreadingHTTPServer):
    """faults maps the name of an answer (tcb, qe, pckcrl, rootcacrl, or a path) to the fault it has; bodies are what
    other paths have."""
    daemon_threads = True

    def __init__(self, files, faults=None, certificate=None, pccs=True, bodies=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.faults, self.pccs, self.asked = files, faults or {}, pccs, []
        self.bodies, self.early = bodies or {}, None
        self.scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.scheme = "https"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"{self.scheme}://localhost:{self.server_address[1]}"

    def read(self, name, early=False):
        """A file, or of the folder early that which is asked for with update=early."""
        with open(os.path.join(self.early if early and self.early else self.files, name), "rb") as f:
            return f.read()

    def handle_error(self, request, client_address):
        pass  # broken connections are what some tests are about

    def close(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        self.server.asked.append(self.path)
        routes = {SGX + "/tcb": self.tcb, TDX + "/tcb": self.tcb, SGX + "/qe/identity": self.qe,
                  TDX + "/qe/identity": self.qe, SGX + "/pckcrl": self.pckcrl,
                  SGX + "/rootcacrl": self.rootcacrl}
        route = routes.get(url.path)
        if url.path in self.server.bodies:
            return self.answer(url.path, 200, self.server.bodies[url.path], "application/octet-stream", {})
        if not route:
            return self.answer("", 404, b"", "text/plain", {})
        route(query)

    def chain(self, name, early=False):
        return urllib.parse.quote(self.server.read(name, early).decode(), safe="")

    def tcb(self, query):
        if len(query.get("fmspc", "")) != 12:
            return self.answer("tcb", 400, b"", "text/plain", {})
        early = query.get("update") == "early"
        self.answer("tcb", 200, self.server.read("tcb_info.json", early), "application/json",
                    {"TCB-Info-Issuer-Chain": self.chain("tcb_info_issuer_chain.pem", early)})

    def qe(self, query):
        self.answer("qe", 200, self.server.read("qe_identity.json"), "application/json",
                    {"SGX-Enclave-Identity-Issuer-Chain":
                     self.chain("qe_identity_issuer_chain.pem")})

    def pckcrl(self, query):
        if query.get("ca") not in ("platform", "processor"):
            return self.answer("pckcrl", 400, b"", "text/plain", {})
        self.crl("pckcrl", "pck_crl.der",
                 {"SGX-PCK-CRL-Issuer-Chain": self.chain("pck_crl_issuer_chain.pem")})

    def rootcacrl(self, query):
        self.crl("rootcacrl", "root_ca_crl.der", {})

    def crl(self, name, file, headers):
        der = self.server.read(file)
        if self.server.pccs:  # PCCS sends hex, under the type that its framework gives to text
            return self.answer(name, 200, der.hex().encode(), "text/html; charset=utf-8", headers)
        self.answer(name, 200, der, "application/pkix-crl", headers)

    def answer(self, name, status, body, kind, headers):
        fault = self.server.faults.get(name)
        if callable(fault):
            status, body, kind, headers = fault(self, status, body, kind, dict(headers))
            if status is None:
                return
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Request-ID", "0123456789abcdef0123456789abcdef")
        for key, values in headers.items():
            for value in values if isinstance(values, list) else [values]:
                self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)


def status(code, **more):
    return lambda h, s, body, kind, headers: (code, b"no", "text/plain", more)


def redirect(to):
    return lambda h, s, body, kind, headers: (302, b"", "text/plain", {"Location": to})


def kind(value):
    return lambda h, s, body, k, headers: (s, body, value, headers)


def replaced(data, value="text/html"):
    return lambda h, s, body, k, headers: (s, data, value, headers)


def no_header(h, s, body, k, headers):
    return s, body, k, {}


def header(change):
    return lambda h, s, body, k, headers: (s, body, k, {a: change(b) for a, b in headers.items()})


def renamed(name):
    return lambda h, s, body, k, headers: (s, body, k, {name: b for b in headers.values()})


def more_headers(**more):
    return lambda h, s, body, k, headers: (
        s, body, k, {**headers, **{a.replace("_", "-"): b for a, b in more.items()}})


def silent(h, s, body, k, headers):
    time.sleep(5)
    return None, body, k, headers


def dripping(h, s, body, k, headers):
    """A body that never ends in time, one byte a moment."""
    h.send_response(200)
    h.send_header("Content-Type", k)
    h.send_header("Content-Length", str(len(body)))
    h.end_headers()
    for byte in body[:60]:
        h.wfile.write(bytes([byte]))
        h.wfile.flush()
        time.sleep(0.1)
    return None, body, k, headers


def endless(h, s, body, k, headers):
    """A body without a length that does not stop by itself."""
    h.send_response(200)
    h.send_header("Content-Type", k)
    h.send_header("Connection", "close")
    h.end_headers()
    h.close_connection = True
    for _ in range(1000):
        h.wfile.write(b" " * 65536)
    return None, body, k, headers


def cut(h, s, body, k, headers):
    """Half of what the length promises, then the end of the connection."""
    h.send_response(200)
    h.send_header("Content-Type", k)
    h.send_header("Content-Length", str(len(body)))
    h.end_headers()
    h.wfile.write(body[:len(body) // 2])
    h.close_connection = True
    return None, body, k, headers
