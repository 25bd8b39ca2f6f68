"""Who storms the front's door harms himself: honest users are answered meanwhile. No time is asserted; that
something ends is."""
import os
import resource
import signal
import re
import socket
import time

from front_run import (ANSWER, APPRAISE, BOUND, CHALLENGE, CMW, KEYS, REPORT, Case, honest, main, memory, refused, request,
                       until)

OK = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


class Patience(Case):
    limits = {"body": 100000, "connections": 64, "idle": 600, "request": 900, "drain": 2000}

    def ask(self, *words, **more):
        """On a busy machine an honest client may be too slow as well: he asks again."""
        def asked():
            try:
                return super(Patience, self).ask(*words, **more)
            except (AssertionError, OSError):
                return None
        return until(asked)

    def trickle(self, data, every=0.1):
        """Sends a byte now and then until the front has enough of it."""
        c = self.connect()
        for i in range(200):
            try:
                c.send(data[i % len(data):][:1])
            except OSError:
                break
            time.sleep(every)
            if i % 5 == 0:
                self.assertEqual(self.ask("GET", "/healthz").status, 200)
            c.sock.setblocking(False)
            try:
                if c.sock.recv(1) == b"":
                    return
            except BlockingIOError:
                pass
            except ConnectionError:
                return
            c.sock.setblocking(True)
        else:
            self.fail("200 bytes in 20 seconds, and still connected")

    def test_a_slow_request_line(self):
        self.trickle(b"GET /" + b"a" * 1000)

    def test_slow_headers(self):
        self.trickle(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 1000)

    def test_a_slow_body(self):
        c = self.connect()
        c.send(b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: " + CMW.encode() + b"\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(200):
            try:
                c.send(b"x")
            except OSError:
                break
            time.sleep(0.05)
        self.assertTrue(c.ended())
        self.assertEqual(self.keeper.asked, [])

    def test_silence_before_and_between_requests(self):
        c = self.connect()
        self.assertTrue(c.ended())

        def answered():
            c = self.connect()
            try:
                c.send(OK)
            except OSError:
                return None
            a = c.answer()
            return a and (a.status, c)
        status, c = until(answered)
        self.assertEqual(status, 200)
        self.assertTrue(c.ended())

    def test_who_does_not_read_his_answers(self):
        c = self.connect()
        c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        c.sock.settimeout(0.3)
        many = OK * 2000
        try:
            while True:
                c.send(many)
        except TimeoutError:
            pass
        except ConnectionError:
            return
        self.assertEqual(self.ask("GET", "/healthz").status, 200)
        # Asked of the front: a reset behind a window that is shut never reaches him.
        until(lambda: self.connections() == 1)  # who asks

    def connections(self):
        said = self.ask("GET", "/metrics", inside=True).body.decode()
        return int(re.search(r"^situs_front_connections (\d+)$", said, re.M)[1])


class Unread(Case):
    """Its log is a pipe, and nobody reads it for a while."""

    def open_log(self):
        self.reader, writer = os.pipe()
        os.set_blocking(self.reader, False)
        self.addCleanup(os.close, self.reader)
        return os.fdopen(writer, "wb")

    def read_log(self):
        said = b""
        while True:
            try:
                more = os.read(self.reader, 65536)
            except BlockingIOError:
                return said
            if not more:
                return said
            said += more

    def test_a_log_that_nobody_reads_stops_nobody(self):
        for _ in range(1000):
            self.assertEqual(self.ask("GET", "/healthz").status, 200)
        lines = self.logged()
        self.assertLess(len(lines), 1000)
        self.ask("GET", "/healthz")

        def told():
            lines.extend(self.logged())
            return len(lines) + sum(line.get("lost", 0) for line in lines)
        until(lambda: told() >= 1001)
        self.assertEqual(told(), 1001)


class Sizes(Case):
    def test_a_declared_body_above_the_limit_is_refused_unread(self):
        for n in (100001, 10 * 2**30, 2**63, 2**64 - 1, 10**30):
            c = self.connect()
            c.send(b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\nxxxx"
                   % (CMW.encode(), n))
            a = c.answer()
            if a is not None and n < 2**63:
                self.problem(a, 413, "too-large", expected="100000 bytes")
            self.assertTrue(c.ended())
        self.assertEqual(self.keeper.asked, [])

    def test_the_largest_body_is_taken(self):
        a = self.ask("POST", "/v1/verify?session=x", b"x" * 100000, Content_Type=CMW)
        self.assertEqual(a.status, 200, a.body)
        self.assertEqual(self.keeper.asked[0].evidence, b"x" * 100000)

    def chunked(self, size, times):
        """A chunked body, as long as it is taken: the answer, and how much of it was sent."""
        c = self.connect()
        c.send(b"POST /v1/verify?session=x HTTP/1.1\r\nHost: x\r\nContent-Type: " + CMW.encode() +
               b"\r\nTransfer-Encoding: chunked\r\n\r\n")
        sent = 0
        try:
            for _ in range(times):
                c.send(b"%x\r\n" % size + b"y" * size + b"\r\n")
                sent += size
            c.send(b"0\r\n\r\n")
        except ConnectionError:
            pass
        return c.answer(), sent

    def test_a_chunked_body(self):
        a, _ = self.chunked(1000, 100)
        self.assertEqual((a.status, self.keeper.asked[0].evidence), (200, b"y" * 100000))
        a, _ = self.chunked(1000, 101)
        self.problem(a, 413, "too-large")

    def test_ten_gigabytes_in_chunks_end_soon(self):
        a, sent = self.chunked(2**16, 10 * 2**14)
        self.assertIsNone(a)
        self.assertLess(sent, 2**27)
        self.assertEqual(self.keeper.asked, [])

    def test_headers_without_end(self):
        for line in (b"X-%d: " + b"a" * 200 + b"\r\n", b"A%d: b\r\n"):
            c = self.connect()
            try:
                c.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
                for i in range(200000):
                    c.send(line % i)
            except ConnectionError:
                pass
            a = c.answer()
            self.assertTrue(a is None or a.status in (400, 413, 431), a and a.status)
            self.assertEqual(self.ask("GET", "/healthz").status, 200)

    def test_a_long_target(self):
        self.assertEqual(self.ask("GET", "/healthz?" + "a" * 1500).status, 400)
        self.problem(self.ask("GET", "/" + "a" * 3000), 414, "uri-too-long")
        a = self.connect()
        a.send(b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        got = a.answer()
        self.assertTrue(got is None or got.status in (400, 413, 414, 431))


class Bodies(Case):
    limits = {**Case.limits, "connections": 300}

    def test_large_bodies_that_stall_give_way_to_small_ones(self):
        stalled = []
        for _ in range(40):  # 16 have room
            c = self.connect()
            c.send(b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: 100000\r\n\r\n"
                   % CMW.encode() + b"x" * 99999)
            stalled.append(c)
        for _ in range(20):
            self.assertEqual(self.ask("POST", "/v1/verify?session=x", b"y" * 2000, Content_Type=CMW).status, 200)
        said = self.ask("GET", "/metrics", inside=True).body.decode()
        kept = int(said.split("\nsitus_front_body_bytes ")[1].split("\n")[0])
        self.assertLessEqual(kept, 16 * 100000)
        refused = 0
        for c in stalled:
            c.send(b"x")
            a = c.answer()
            refused += a.status == 503
            self.assertIn(a.status, (200, 503))
        self.assertGreater(refused, 20)

    def gauge(self, name):
        said = self.ask("GET", "/metrics", inside=True).body.decode()
        return int(said.split(f"\nsitus_front_{name} ")[1].split("\n")[0])

    def test_large_bodies_that_stall_give_way_to_large_ones_that_do_not(self):
        for _ in range(40):
            self.connect().send(b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: 100000\r\n\r\n"
                                % CMW.encode() + b"x" * 99999)
        until(lambda: self.gauge("bodies_refused_total") + self.gauge("body_bytes") / 100000 == 40)
        for _ in range(30):
            self.assertEqual(self.ask("POST", "/v1/verify?session=x", b"y" * 100000, Content_Type=CMW).status, 200)
        self.assertLessEqual(self.gauge("body_bytes"), 16 * 100000)


class Crowds(Case):
    limits = {**Case.limits, "connections": 200}

    def test_idle_connections_make_room(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
        crowd = [self.connect() for _ in range(min(hard, 8192) - 200 if hard < 3200 else 3000)]
        for _ in range(50):
            self.assertEqual(self.ask("GET", "/healthz").status, 200)
        self.assertEqual(self.ask("GET", "/metrics", inside=True).status, 200)
        self.assertEqual(self.process.poll(), None)
        for c in crowd:
            c.close()
        self.assertEqual(self.ask("GET", "/healthz").status, 200)

    def test_requests_without_end_make_room(self):
        for _ in range(1000):
            self.connect().send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
        for _ in range(50):
            self.assertEqual(self.ask("GET", "/healthz").status, 200)

    def test_a_thousand_challenges_that_nobody_answers(self):
        c = self.connect()
        for _ in range(1000):
            c.send(request("POST", "/v1/challenge", b"{}", {"Content-Type": "application/json"}))
            self.assertEqual(c.answer().status, 200)
        self.assertEqual(self.ask("POST", "/v1/verify?session=x", b"y", Content_Type=CMW).status, 200)


class Turns(Case):
    """Several requests at once, and what is behind one."""

    def test_requests_in_one_packet_are_answered_in_turn(self):
        post = request("POST", "/v1/verify?session=x", b"evidence", {"Content-Type": CMW})
        c = self.connect()
        c.send(OK + post + request("GET", "/nothing") + post + OK)
        self.assertEqual([c.answer().status for _ in range(5)], [200, 200, 404, 200, 200])
        self.assertEqual([a.evidence for a in self.keeper.asked], [b"evidence"] * 2)

    def test_a_refused_body_is_no_second_request(self):
        """What is behind the refused request's head is its body, not a request."""
        c = self.connect()
        c.send(request("POST", "/nothing", b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n") + OK)
        self.assertEqual([c.answer().status, c.answer().status], [404, 200])

    def test_no_chunks_before_their_time(self):
        c = self.connect()
        c.send(b"POST /v1/verify HTTP/1.0\r\nHost: x\r\nContent-Type: " + CMW.encode() +
               b"\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        self.assertEqual(c.answer().status, 400)
        self.assertTrue(c.ended())
        self.assertEqual(self.ask("GET", "/healthz").status, 200)
        self.assertEqual(self.keeper.asked, [])


class Words(Case):
    """What is no request. A connection that is left open ends soon, of a client who is slow before he speaks, too."""
    limits = {**Case.limits, "idle": 300}

    def raw(self, data):
        c = self.connect()
        try:
            c.send(data)
        except OSError:
            pass
        answers = []
        while (a := c.answer()) is not None:
            answers.append(a.status)
        return answers

    def test_garbage(self):
        for data in (b"\r\n\r\n\r\n", b"\0" * 1000, b"GET\r\n\r\n", b"GET /healthz\r\n\r\n", b"\xff\xfe\r\n\r\n",
                     b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n", b"GET /healthz HTTP/1.1\r\n\r\n",
                     b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 200, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                     b"GET http://other/healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n",
                     b"GET /healthz HTTP/1.1\r\nHost x\r\n\r\n", b"GET /healthz\0x HTTP/1.1\r\nHost: x\r\n\r\n"):
            with self.subTest(data[:40]):
                for status in self.raw(data):
                    self.assertGreaterEqual(status, 400)
        self.assertEqual(self.keeper.asked, [])

    def test_methods_that_are_none(self):
        for method in ("TRACE", "OPTIONS", "get", "GETT", "M-SEARCH", "A" * 200, "G\tT"):
            with self.subTest(method[:10]):
                for status in self.raw(f"{method} /healthz HTTP/1.1\r\nHost: x\r\n\r\n".encode()):
                    self.assertIn(status, (400, 405))

    def test_lengths_that_two_readers_may_read_differently(self):
        inner = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        head = b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: " + CMW.encode() + b"\r\n"
        chunks = b"\r\n0\r\n\r\n" + inner
        for name, fields, body in [
                ("both", b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", chunks),
                ("both, turned", b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", chunks),
                ("two lengths", b"Content-Length: 0\r\nContent-Length: 35\r\n", b"\r\n" + inner),
                ("two equal lengths", b"Content-Length: 0\r\nContent-Length: 0\r\n", b"\r\n" + inner),
                ("a list of lengths", b"Content-Length: 0, 35\r\n", b"\r\n" + inner),
                ("a sign", b"Content-Length: +0\r\n", b"\r\n" + inner),
                ("hex", b"Content-Length: 0x0\r\n", b"\r\n" + inner),
                ("minus", b"Content-Length: -1\r\n", b"\r\n" + inner),
                ("unknown coding", b"Transfer-Encoding: xchunked\r\n", chunks),
                ("identity", b"Transfer-Encoding: identity\r\n", b"\r\n" + inner),
                ("two codings", b"Transfer-Encoding: gzip, chunked\r\n", chunks),
                ("coding twice", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", chunks),
                ("folded", b"Transfer-Encoding:\r\n chunked\r\nContent-Length: 4\r\n", chunks),
                ("blank before the colon", b"Transfer-Encoding : chunked\r\nContent-Length: 0\r\n", chunks),
                ("tab", b"Transfer-Encoding:\tchunked\r\nContent-Length: 0\r\n", chunks),
                ("vertical tab", b"Transfer-Encoding: \x0bchunked\r\n", chunks),
                ("quoted", b"Transfer-Encoding: \"chunked\"\r\n", chunks),
                ("a NUL behind the length", b"Content-Length: 0\0, 35\r\n", b"\r\n" + inner),
                ("a NUL in a header", b"X: y\0z\r\nContent-Length: 0\r\n", b"\r\n" + inner),
                ("bare line feed", b"X: y\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n", chunks),
                ("bare carriage return", b"X: y\rTransfer-Encoding: chunked\r\nContent-Length: 0\r\n", chunks)]:
            with self.subTest(name):
                answers = self.raw(head + fields + body)
                self.assertLessEqual(len(answers), 1, answers)
                self.assertTrue(all(status >= 400 for status in answers), answers)
        self.assertEqual(self.keeper.asked, [])

    def test_chunks_that_are_none(self):
        head = (b"POST /v1/verify?session=x HTTP/1.1\r\nHost: x\r\nContent-Type: " + CMW.encode() +
                b"\r\nTransfer-Encoding: chunked\r\n\r\n")
        for body in (b"x\r\n", b"-1\r\n\r\n", b"0x1\r\ny\r\n0\r\n\r\n", b"ffffffffffffffffff\r\ny", b"1\r\nyy\r\n0\r\n\r\n",
                     b"\r\n", b" 1\r\ny\r\n0\r\n\r\n"):
            with self.subTest(body):
                for status in self.raw(head + body):
                    self.assertGreaterEqual(status, 400)
        self.assertEqual(self.keeper.asked, [])


class Silent(Case):
    keeper_does = staticmethod(lambda ask: None if ask.kind == APPRAISE else honest(ask))

    def test_one_that_waits_holds_nobody_up(self):
        waiting = self.connect()
        waiting.send(request("POST", "/v1/verify?session=x", b"hostile", {"Content-Type": CMW}))
        for _ in range(50):
            self.assertEqual(self.post("/v1/challenge", {}).status, 200)
        self.assertEqual(len([a for a in self.keeper.asked if a.kind == APPRAISE]), 1)
        self.keeper.answer(self.keeper.asked[0], texts=[b"{}"])
        self.assertEqual(waiting.answer().status, 200)

    def test_answers_that_nobody_asked_for(self):
        waiting = self.connect()
        waiting.send(request("POST", "/v1/verify?session=x", b"e", {"Content-Type": CMW}))
        until(lambda: self.keeper.asked)
        ask = self.keeper.asked[0]
        for id_ in (0, 1, ask.id + 1, ask.id ^ (1 << 40), 2**64 - 1):
            self.keeper.answer(ask, id=id_, texts=[b"{\"no\":1}"])
        self.keeper.answer(ask, texts=[b"{}"])
        self.keeper.answer(ask, texts=[b"{\"again\":1}"])
        self.assertEqual(waiting.answer().body, b"{}")
        self.assertEqual(self.post("/v1/challenge", {}).status, 200)

    def test_a_keeper_that_goes_ends_waiting_and_the_front_stays(self):
        waiting = self.connect()
        waiting.send(request("POST", "/v1/verify?session=x", b"e", {"Content-Type": CMW}))
        until(lambda: self.keeper.asked)
        self.keeper_socket.shutdown(socket.SHUT_RDWR)
        self.problem(waiting.answer(), 503, "no-keeper")
        self.problem(self.post("/v1/challenge", {}), 503, "no-keeper")
        self.problem(self.ask("GET", "/readyz"), 503, "no-keeper")
        self.assertIn("situs_front_keeper_up 0\n", self.ask("GET", "/metrics", inside=True).body.decode())

    def test_a_stop_does_not_wait_for_ever(self):
        waiting = self.connect()
        waiting.send(request("POST", "/v1/verify?session=x", b"e", {"Content-Type": CMW}))
        until(lambda: self.keeper.asked)
        self.process.send_signal(signal.SIGTERM)
        self.problem(waiting.answer(), 503, "no-keeper")
        self.assertEqual(self.process.wait(BOUND), 0)


class Drains(Case):
    limits = {**Case.limits, "drain": 60000}
    keeper_does = staticmethod(Silent.keeper_does)

    def test_a_stop_waits_for_what_was_begun(self):
        waiting = self.connect()
        waiting.send(request("POST", "/v1/verify?session=x", b"e", {"Content-Type": CMW}))
        until(lambda: self.keeper.asked)
        self.process.send_signal(signal.SIGTERM)
        until(lambda: refused(self.port))
        self.keeper.answer(self.keeper.asked[0], texts=[b"{}"])
        self.assertEqual(waiting.answer().status, 200)
        self.assertEqual(self.process.wait(BOUND), 0)


def lies(ask):
    if ask.kind == CHALLENGE:
        return {"nonce": {"session": "s"}, "session": {"nonce": b"n" * 32}, "size": {"session": "s", "nonce": b"n" * 65},
                "end": {"session": "s", "nonce": b"n" * 32, "issuer": "x" * 256}}[ask.policy]
    if ask.kind in (REPORT, KEYS):
        return {"texts": []}
    return {"kind": {"kind": 4, "texts": [b"{}"]}, "short": {"texts": []}, "none": {"texts": [b""]}}.get(ask.session)


class Lies(Case):
    """A keeper that does not say what was asked is an error of ours, never an answer."""
    keeper_does = staticmethod(lies)

    def test_each(self):
        for session in ("kind", "short", "none"):
            self.problem(self.ask("POST", "/v1/verify?session=" + session, b"e", Content_Type=CMW), 500, "internal")
        for policy in ("nonce", "session", "size", "end"):
            self.problem(self.post("/v1/challenge", {"policy": policy}), 500, "internal")

    def test_an_answer_without_its_text_is_none(self):
        for path in ("/v1/reports/" + "ab" * 32, "/.well-known/jwks.json", "/.well-known/veraison/verification"):
            self.problem(self.ask("GET", path), 500, "internal")

    def test_texts_that_can_still_change_are_not_read(self):
        c = self.connect()
        c.send(request("POST", "/v1/verify?session=x", b"e", {"Content-Type": CMW}))
        until(lambda: self.keeper.asked)
        ask = self.keeper.asked[0]
        fd = os.memfd_create("open", os.MFD_ALLOW_SEALING)
        os.write(fd, b"{}")
        packet = ANSWER.pack(ask.id, ask.kind, 0, 0, 0, b"", b"", 0, 1, 0, *[b""] * 5, 0, 0, 0, 0, 0, b"")
        socket.send_fds(self.keeper_socket, [packet], [fd])
        os.close(fd)
        self.problem(c.answer(), 500, "internal")
        os.close(memory(b"x"))


if __name__ == "__main__":
    main()
