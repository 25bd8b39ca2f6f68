"""A registrar over HTTP (situs serve --registrar): what the gate passes on, and what it does not."""
import contextlib
import http.client
import os
import signal
import socket
import struct
import subprocess
import threading
import unittest
from urllib.parse import urljoin

from serve_run import BOUND, PLAIN, SITUS, Case, main, shut, until

ENROL, ACTIVATE, CBOR = "/v1/registrar/enrol", "/v1/registrar/activate", "application/cbor"
PENDING = 32  # roles/serve/gate/gate_clerk.c


def refusal(code, words):
    """{-1: code, -2: words} (PROTOCOLS: refusals)."""
    return b"\xa2\x20" + bytes([0x60 + len(code)]) + code + b"\x21" + bytes([0x60 + len(words)]) + words


class Registrar:
    """Answers each frame with its number on the connection and itself; a question of "no" and "busy" with refusals, and one of
    "slow" when it may."""

    def __init__(self, path):
        self.asked, self.connections, self.may = [], [], threading.Event()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(64)
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self.serve, args=(connection, len(self.connections)), daemon=True).start()

    def serve(self, connection, number):
        stream = connection.makefile("rb")
        for turn in range(9):
            head = stream.read(4)
            if len(head) < 4:
                return
            body = stream.read(struct.unpack(">I", head)[0])
            self.asked.append((number, turn, body))
            if body == b"slow":
                self.may.wait(BOUND)
            answer = {b"no": refusal(b"not-allowed", b"pending"), b"busy": refusal(b"busy", b"busy, try again")}.get(
                body, b"%d:" % turn + body)
            connection.sendall(struct.pack(">I", len(answer)) + answer)

    def end(self):
        self.may.set()
        shut(self.listener, self.thread)
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self.connections = []


class Gate(Case):
    def setUp(self):
        super().setUp()
        self.socket = self.path("registrar.sock")
        self.registrar = Registrar(self.socket)
        self.addCleanup(self.registrar.end)
        self.log = self.path("log", b"")
        with open(self.log, "wb") as log:
            self.child = subprocess.Popen([SITUS, "serve", "--registrar", self.socket, "--listen", "127.0.0.1:0"],
                                          env=PLAIN, stderr=log)
        self.addCleanup(self.end)
        until(lambda: b"serving a registrar" in self.said() or self.child.poll() is not None)
        self.port = int(self.said().split(b"listening on 127.0.0.1:")[1].split(b"\n")[0])

    def said(self):
        return self.bytes_of(self.log)

    def end(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
        self.assertEqual(self.child.wait(timeout=BOUND), 0, self.said())
        self.assertNotIn(b"Sanitizer", self.said())

    def ask(self, path, body=b"", kind=CBOR, method="POST"):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=BOUND)
        try:
            c.request(method, path, body or None, {"Content-Type": kind, "Content-Length": str(len(body))})
            answer = c.getresponse()
            return answer, answer.read()
        finally:
            c.close()

    def enrol(self, body=b"question"):
        answer, text = self.ask(ENROL, body)
        self.assertEqual((answer.status, text), (201, b"0:" + body))
        return urljoin(ENROL, answer.headers["Location"])

    def test_both_questions_go_by_one_connection_as_they_are(self):
        """Whatever connection of HTTP they come by."""
        first = self.enrol(b"\xa1\x00first" * 999)
        second = self.enrol(b"second")
        self.assertTrue(first.startswith(ACTIVATE + "?session="))
        for place, body, number in ((second, b"proof 2", 2), (first, b"\x00" * 70000, 1)):
            answer, text = self.ask(place, body)
            self.assertEqual((answer.status, text, answer.headers["Content-Type"]), (200, b"1:" + body, CBOR))
            self.assertEqual(answer.headers["Cache-Control"], "no-store")
            self.assertEqual(self.registrar.asked[-1], (number, 1, body))

    def test_an_enrolment_is_activated_once(self):
        place = self.enrol()
        self.assertEqual(self.ask(place, b"proof")[0].status, 200)
        self.assertEqual(self.ask(place, b"proof")[0].status, 404)
        self.assertEqual(len(self.registrar.asked), 2)
        other = place[:-1] + ("0" if place[-1] != "0" else "1")
        self.assertEqual(self.ask(other, b"proof")[0].status, 404)

    def test_a_refusal_is_the_registrar_s_own_word(self):
        answer, text = self.ask(ENROL, b"no")
        self.assertEqual((answer.status, text), (403, refusal(b"not-allowed", b"pending")))
        self.assertIsNone(answer.headers["Location"])
        answer, text = self.ask(ENROL, b"busy")
        self.assertEqual((answer.status, answer.headers["Retry-After"]), (503, "1"))
        answer, text = self.ask(self.enrol(), b"no")
        self.assertEqual((answer.status, text, answer.headers["Content-Type"]),
                         (403, refusal(b"not-allowed", b"pending"), CBOR))

    def test_what_is_no_question_does_not_reach_it(self):
        for status, path, body, kind, method in (
                (415, ENROL, b"x", "application/json", "POST"), (400, ENROL, b"", CBOR, "POST"),
                (405, ENROL, b"", CBOR, "GET"), (400, ACTIVATE, b"x", CBOR, "POST"),
                (400, ACTIVATE + "?session=a%20b", b"x", CBOR, "POST"), (404, ACTIVATE + "?session=" + "0" * 32, b"x", CBOR, "POST"),
                (400, ENROL + "?session=x", b"x", CBOR, "POST"), (404, "/v1/verify", b"x", CBOR, "POST"),
                (404, "/metrics", b"", CBOR, "GET"), (413, ENROL, b"x" * (2 * 1024 * 1024 + 1), CBOR, "POST")):
            with self.subTest(path=path, status=status, method=method):
                try:
                    self.assertEqual(self.ask(path, body, kind, method)[0].status, status)
                except ConnectionError:  # of a body that was refused before it was sent
                    self.assertEqual(status, 413)
        self.assertEqual(self.registrar.asked, [])
        self.assertEqual(self.ask("/healthz", method="GET")[0].status, 200)

    def test_a_registrar_that_is_gone_is_503_until_it_is_back(self):
        place = self.enrol()
        self.registrar.end()
        os.unlink(self.socket)
        self.assertEqual(self.ask(ENROL, b"x")[0].status, 503)
        self.assertEqual(self.ask(place, b"x")[0].status, 503)
        self.assertEqual(self.ask(place, b"x")[0].status, 404)  # it was its one try
        self.registrar = Registrar(self.socket)
        self.addCleanup(self.registrar.end)
        self.enrol()

    def test_who_comes_when_all_places_are_taken_is_told_to_wait(self):
        places = [self.enrol(b"%d" % i) for i in range(PENDING)]
        answer, _ = self.ask(ENROL, b"one more")
        if answer.status == 503:  # on a slow machine the first are old enough to make room
            self.assertGreater(int(answer.headers["Retry-After"]), 0)
            self.assertEqual(self.ask(places[7], b"proof")[0].status, 200)
            self.enrol(b"one more")
        self.assertEqual(self.ask(places[-1], b"proof")[0].status, 200)

    def test_who_is_refused_takes_no_place(self):
        """Else strangers, whom it costs nothing, would put out those who wait for their second question."""
        first = self.enrol()
        for _ in range(PENDING + 1):
            self.assertEqual(self.ask(ENROL, b"no")[0].status, 403)
        self.assertEqual(self.ask(first, b"proof")[0].status, 200)

    def test_nobody_waits_behind_who_is_answered_slowly(self):
        """Neither at the first question, nor at the second."""
        place, slow = self.enrol(), []
        threads = [threading.Thread(target=lambda where=where: slow.append(self.ask(where, b"slow")[0].status))
                   for where in (ENROL, place)]
        for t in threads:
            t.start()
        until(lambda: [body for _, _, body in self.registrar.asked].count(b"slow") == 2)
        self.assertEqual(self.ask(self.enrol(), b"proof")[0].status, 200)
        self.assertEqual(self.ask(place, b"again")[0].status, 404)
        self.assertEqual(slow, [])
        self.registrar.may.set()
        for t in threads:
            t.join(BOUND)
        self.assertEqual(sorted(slow), [200, 201])

    def test_its_words_go_together(self):
        for words in (["--registrar", "/x"], ["--listen", "127.0.0.1:0"],
                      ["--registrar", "/x", "--listen", "127.0.0.1:0", "--check"],
                      ["--registrar", "/x", "--listen", "127.0.0.1:0", "--config", "/x"]):
            self.refused(1, "serve", *words, says=("--registrar", "another unit"))
        self.refused(1, "serve", "--registrar", "/x", "--listen", "0.0.0.0:1", says=("--listen", "0.0.0.0:1"))


if __name__ == "__main__":
    main()
