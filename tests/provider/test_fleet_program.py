"""situs fleet: what an operator types, what is refused, what is on record; a second writer, a full
disk, a clock that is wrong."""
import functools
import json
import os
import resource
import shutil
import sqlite3
import stat
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from situs_run import PLAIN, SITUS, Case, fill, made, main, situs  # noqa: E402

LAB = os.environ["LAB_INTEL"]
LIFE = os.environ["LAB_FLEET"]
AT = 1800000000
BY = ["--operator", "ada"]


@functools.lru_cache(None)
def ids_in(lab):
    """PIID, PRIDs and PPID of the lab's machine."""
    shown = json.loads(situs("show", "-j", os.path.join(lab, "manifest.bin")).stdout)
    quote = json.loads(situs("show", "-j", os.path.join(lab, "quote.bin")).stdout)
    return shown["piid"], [p["prid"] for p in shown["package"]], quote["pck_certificate"]["ppid"]


class Fleet(Case):
    def setUp(self):
        super().setUp()
        self.lab = self.path("lab")
        fill(self.lab, LAB, f"@{AT}")
        self.db = self.path("fleet.db")
        self.at = AT
        self.once(self.db, "set", self.make)
        self.piid, self.prids, self.ppid = ids_in(made(LAB, f"@{AT}"))

    def make(self):
        self.fleet("init")
        self.fleet("set", "--owner", "Example Cloud, Inc.", "--issuer", "Example Cloud")

    def in_lab(self, name):
        return os.path.join(self.lab, name)

    def words(self, command, *args, by=BY):
        reading = command in ("list", "history")
        who = [] if reading else [*by, "--at", f"@{self.at}", "--allow-future", f"@{self.at}"]
        return ["fleet", command, "--db", self.db, *who, *args]

    def fleet(self, command, *args, **more):
        return json.loads(self.accepted(*self.words(command, "-j", *args), **more))

    def fleet_refused(self, exit, command, *args, says=(), by=BY, **more):
        return self.refused(exit, *self.words(command, *args, by=by), says=says, **more)

    def deliver(self, machine="m1"):
        words = [w for p in self.prids for w in ("--prid", p)]
        return self.fleet("add", "--machine", machine, "--site", "ams1", *words)

    def confirm(self):
        """An operator has seen it in its place, and read its PIID there."""
        return self.fleet("confirm", "--machine", "m1", "--piid", self.piid)

    def state_platform(self, *more):
        return self.fleet("add", "--machine", "m1", "--manifest", self.in_lab("manifest.bin"), "--pck",
                          self.in_lab("pck_chain.pem"), "--trust", self.in_lab("trust.json"), *more)


class Story(Fleet):
    def test_a_machine_is_added_stated_and_confirmed(self):
        self.assertEqual(self.deliver()["status"], "pending")
        m = self.state_platform("--receipt", self.ppid.upper())
        self.assertEqual((m["piid"], m["ppid"], m["receipt"]), (self.piid, self.ppid, self.ppid))
        m = self.confirm()
        self.assertEqual((m["status"], m["boot"]), ("enrolled", None))
        history = self.fleet("history")["history"]
        self.assertEqual([h["action"] for h in history], ["init", "set", "add", "platform", "confirm"])
        self.assertEqual([h["number"] for h in history], [1, 2, 3, 4, 5])
        self.assertTrue(all(h["operator"] == "ada" for h in history))
        self.assertEqual(len(self.fleet("list")["machines"]), 1)
        self.assertEqual(self.fleet("list", "--status", "lost")["machines"], [])
        text = self.accepted("fleet", "list", "--db", self.db).decode()
        self.assertIn("m1: enrolled at ams1", text)
        self.assertIn("registered with Intel", text)

    def test_a_named_operators_word_is_kept_and_shown(self):
        self.deliver()
        self.assertEqual(self.state_platform("--vouch", "grace")["vouched_by"], "grace")
        text = self.accepted("fleet", "list", "--db", self.db).decode()
        self.assertIn("on the word of grace", text)

    def test_retire_and_lost_are_for_ever(self):
        self.deliver()
        self.state_platform("--receipt", self.ppid)
        self.assertEqual(self.fleet("retire", "--machine", "m1", "--sold")["status"], "sold")
        self.fleet_refused(6, "confirm", "--machine", "m1", "--piid", self.piid, says="revoked")
        self.fleet_refused(6, "lost", "--machine", "m1", says="revoked")

    def test_maintenance_ends_with_confirm(self):
        self.deliver()
        self.state_platform()
        self.assertEqual(self.fleet("maintain", "--machine", "m1")["status"], "maintenance")
        self.assertEqual(self.confirm()["status"], "enrolled")

    def test_confirm_names_what_was_seen(self):
        self.deliver()
        for seen, says in (([], "--boot"), (["--boot", "7,0", "--piid", self.piid], "--boot"),
                           (["--boot", "7"], "RESET,RESTART"), (["--boot", "7,4294967296"], "RESET,RESTART"),
                           (["--boot", "7,0,"], "RESET,RESTART")):
            self.fleet_refused(1, "confirm", "--machine", "m1", *seen, says=says)
        self.fleet_refused(6, "confirm", "--machine", "m1", "--boot", "7,0", says="--piid")
        self.fleet_refused(6, "confirm", "--machine", "m1", "--piid", self.piid, says="--manifest")
        self.state_platform()
        self.fleet_refused(6, "confirm", "--machine", "m1", "--piid", "12" * 16, says=self.piid)
        self.assertEqual(self.confirm()["status"], "enrolled")

    def test_the_suppliers_csv_is_added_whole(self):
        csv = self.path("goods.csv", b"machine,site,prids,ek,class\nm1,ams1,%s,,\nm2,ams1,,,\n"
                        % self.prids[0].encode())
        self.assertEqual(self.fleet("add", "--csv", csv), {"added": 2, "changed": 0, "there": 0})
        self.assertEqual(self.fleet("add", "--csv", csv), {"added": 0, "changed": 0, "there": 2})
        bad = self.path("bad.csv", b"machine,site,prids,ek,class\nm3,ams1,,,\nm4,ams1,xx,,\n")
        self.fleet_refused(1, "add", "--csv", bad, says="line 3.prids")
        self.assertEqual(len(self.fleet("list")["machines"]), 2)


class Keyed(Fleet):
    """With the owner's key."""

    def setUp(self):
        super().setUp()
        fill(self.lab, LIFE, f"@{AT}")
        self.key = ["--key", self.in_lab("owner.key.pem"), "--chain", self.in_lab("owner_certs.pem")]
        self.poe = self.path("poe.cbor")


class Signing(Keyed):
    def state_platform(self, *more, stage="delivered"):
        return self.fleet("add", "--machine", "m1", "--manifest", self.in_lab(f"{stage}/manifest.bin"), "--pck",
                          self.in_lab(f"{stage}/pck_chain.pem"), "--trust", self.in_lab("trust.json"), *more)

    def ready(self):
        self.deliver()
        self.state_platform("--receipt", self.ppid)
        self.confirm()

    def endorse(self, *more):
        return self.words("endorse", "--machine", "m1", "--owner", "Example Cloud, Inc.", *self.key, "-o",
                          self.poe, *more)

    def holds(self, at, exit=0):
        done = situs("poe", "verify", self.poe, "--trust", self.in_lab("trust.json"), "--piid", self.piid, "--at",
                     f"@{at}")
        self.assertEqual(done.returncode, exit, done.stderr.decode() + done.stdout.decode())

    def test_what_is_endorsed_holds_and_is_on_record(self):
        self.ready()
        m = json.loads(self.accepted(*self.endorse("-j")))
        self.assertEqual((m["owner"], m["endorsed_until"]), ("Example Cloud, Inc.", "2027-02-14T08:00:00Z"))
        self.holds(AT)
        self.holds(AT + 31 * 86400, exit=6)
        self.assertEqual(self.fleet("history")["history"][-1]["action"], "endorse")

    def test_nothing_is_written_when_it_is_refused(self):
        self.deliver()
        self.state_platform("--receipt", self.ppid)
        self.refused(6, *self.endorse(), says="confirm")
        self.confirm()
        self.state_platform()
        self.refused(6, *self.endorse(), says="--receipt")
        self.assertFalse(os.path.exists(self.poe))
        self.assertNotIn("endorse", [h["action"] for h in self.fleet("history")["history"]])

    def test_a_window_outside_of_the_issuers_certificates_is_refused(self):
        self.ready()
        self.at = AT + 4 * 365 * 86400
        self.refused(2, *self.endorse(), says="window")
        self.assertFalse(os.path.exists(self.poe))

    def test_another_key_than_the_certificates_is_refused(self):
        self.ready()
        self.refused(1, "fleet", "endorse", "--db", self.db, *BY, "--at", f"@{self.at}",
                     "--allow-future", f"@{self.at}", "--machine", "m1",
                     "--key", self.in_lab("channel.key.pem"), "--chain", self.in_lab("owner_certs.pem"), "-o",
                     self.poe)
        self.assertFalse(os.path.exists(self.poe))

    def test_renew_takes_what_ends_soon(self):
        self.ready()
        self.accepted(*self.endorse())
        out = self.path("out")
        os.mkdir(out)
        renew = ["--expiring", "14d", *self.key, "-o", out]
        for path in (self.path("absent"), self.poe):
            self.fleet_refused(1, "renew", "--expiring", "31d", *self.key, "-o", path, says="mkdir")
        self.assertEqual(len([h for h in self.fleet("history")["history"] if h["action"] == "endorse"]), 1)
        self.assertEqual(self.fleet("renew", *renew), {"renewed": 0, "failed": 0})
        self.at = AT + 17 * 86400
        self.assertEqual(self.fleet("renew", *renew), {"renewed": 1, "failed": 0})
        self.poe = os.path.join(out, self.piid + ".cbor")
        self.holds(AT + 40 * 86400)
        self.fleet("maintain", "--machine", "m1")
        self.at = AT + 45 * 86400
        self.assertEqual(self.fleet("renew", *renew), {"renewed": 0, "failed": 0})

    def test_another_name_is_meant_or_a_mistake(self):
        self.ready()
        words = ["--machine", "m1", *self.key, "-o", self.poe]
        self.fleet_refused(6, "endorse", *words, "--owner", "Exmaple Cloud, Inc.", says=["owner", "--other-owner"])
        self.fleet_refused(6, "endorse", *words, "--issuer", "Exmaple", says=["issuer", "--other-owner"])
        self.assertFalse(os.path.exists(self.poe))
        self.assertEqual(self.fleet("endorse", *words)["owner"], "Example Cloud, Inc.")
        shown = json.loads(situs("show", "-j", self.poe).stdout)
        self.assertEqual((shown["owner_name"], shown["iss"]), ("Example Cloud, Inc.", "Example Cloud"))
        self.fleet("endorse", *words, "--owner", "Tenant", "--other-owner")
        listed = self.path("list.cose")
        self.fleet_refused(6, "export", "--list", listed, "--owner", "Tenant", *self.key, says="--other-owner")
        self.fleet_refused(6, "export", "--revocations", listed, "--issuer", "Tenant", *self.key, says="--other-owner")
        for words in (["--list", listed, "--issuer", "x"], ["--revocations", listed, "--owner", "x"]):
            self.fleet_refused(1, "export", *words, *self.key, says="--issuer with --revocations")
        # renewed for the same owner, if that is still it
        out = self.path("out")
        os.mkdir(out)
        self.fleet("set", "--owner", "Buyer", "--machine", "m1")
        self.fleet_refused(1, "set", says="nothing to set")
        self.at += 86400
        renew = self.words("renew", "--expiring", "60d", *self.key, "-o", out)
        done = situs(*renew)
        self.assertEqual(done.returncode, 6)
        self.assertIn(b"expected Buyer", done.stderr)
        self.fleet_refused(6, "export", "--list", listed, *self.key, says="m1 is not listed: owner: expected Buyer")
        self.fleet("export", "--list", listed, *self.key, "--owner", "Buyer", "--other-owner")
        self.accepted(*renew, "--other-owner")

    def test_exports_are_numbered_and_name_what_is_so(self):
        self.ready()
        self.accepted(*self.endorse())
        listed, revoked = self.path("list.cose"), self.path("revoked.cose")
        export = self.key
        self.assertEqual(self.fleet("export", "--list", listed, *export), {"number": 1, "entries": 1, "left_out": 0})
        self.assertEqual(self.fleet("export", "--list", listed, "--salted", *export),
                         {"number": 2, "entries": 1, "left_out": 0})
        self.assertEqual(self.fleet("export", "--revocations", revoked, *export), {"number": 1, "entries": 0})
        pipe = self.path("pipe")
        os.mkfifo(pipe)
        self.fleet_refused(1, "export", "--revocations", pipe, *export, says=[pipe, "regular file"])
        absent = os.path.join(self.path("absent"), "r.cose")
        self.fleet_refused(1, "export", "--revocations", absent, *export, says="a place to write")
        self.assertTrue(stat.S_ISFIFO(os.stat(pipe).st_mode))  # it is not replaced
        with open(self.poe, "rb") as f:
            poe = f.read()
        out = self.path("out")
        os.mkdir(out)
        self.assertEqual(self.fleet("export", "--poe", out), {"endorsements": 1})
        with open(os.path.join(out, self.piid + ".cbor"), "rb") as f:
            self.assertEqual(f.read(), poe)
        self.fleet("lost", "--machine", "m1")
        self.fleet_refused(6, "export", "--list", listed, *export, says="revocation list")
        self.assertEqual(self.fleet("export", "--revocations", revoked, *export), {"number": 2, "entries": 3})
        with open(revoked, "rb") as f:
            self.assertIn(bytes.fromhex(self.piid), f.read())
        self.assertEqual(self.fleet("export", "--poe", out), {"endorsements": 0})
        left = [n for n in os.listdir(self.dir) if "cose." in n]
        self.assertEqual(left, [])


    def test_what_is_not_endorsed_is_not_listed(self):
        """A platform whose packages nobody delivered, seen in its place (red team 2, F4)."""
        words = self.key
        self.fleet("add", "--machine", "m2", "--site", "ams1")
        self.fleet("add", "--machine", "m2", "--pck", self.in_lab("basement/pck_chain.pem"), "--trust",
                   self.in_lab("trust.json"))
        basement = self.fleet("list")["machines"][0]["piid"]
        self.fleet("confirm", "--machine", "m2", "--piid", basement)
        listed = self.path("list.cose")
        self.fleet_refused(6, "export", "--list", listed, *words, says=["m2 is not listed: manifest", "may be endorsed"])
        self.assertFalse(os.path.exists(listed))
        self.ready()
        done = situs(*self.words("export", "-j", "--list", listed, *words))
        self.assertEqual(json.loads(done.stdout), {"number": 2, "entries": 1, "left_out": 1})
        self.assertIn(b"m2 is not listed: manifest", done.stderr)
        shown = json.loads(situs("show", "-j", listed).stdout)
        self.assertEqual(shown["entries"], [{"id": self.ppid}])


class Many(Keyed):
    """Many machines in a call: whole or not at all."""

    def setUp(self):
        super().setUp()
        self.out = self.path("poes")
        os.mkdir(self.out)
        self.ids = {}
        for machine, stage in (("m1", "delivered"), ("m2", "second")):
            manifest = json.loads(self.accepted("show", "-j", self.in_lab(f"{stage}/manifest.bin")))
            prids = [w for p in manifest["package"] for w in ("--prid", p["prid"])]
            self.fleet("add", "--machine", machine, "--site", "ams1", *prids, "--vouch", "grace", "--manifest",
                       self.in_lab(f"{stage}/manifest.bin"), "--pck", self.in_lab(f"{stage}/pck_chain.pem"),
                       "--trust", self.in_lab("trust.json"))
            self.ids[machine] = manifest["piid"]
        self.fleet("add", "--machine", "m3", "--site", "ams1")

    def table(self, *lines):
        return ["--csv", self.path("table.csv", "\r\n".join(lines).encode())]

    def seen(self, *machines):
        return self.table("machine;piid", *(f"{m};{self.ids[m]}" for m in machines))

    def poes(self):
        return sorted(os.listdir(self.out))

    def test_a_table_of_what_was_seen_confirms(self):
        for rows, exit, says in (((f"m1;{self.ids['m1']}", f"m2;{self.ids['m1']}"), 6, "line 3.piid"),
                                 ((f"m1;{self.ids['m1']}", "m2;"), 1, "line 3.piid"),
                                 ((f"m9;{self.ids['m1']}",), 1, "line 2.machine"), ((), 1, "no row")):
            self.fleet_refused(exit, "confirm", *self.table("machine;piid", *rows), says=says)
        self.fleet_refused(1, "confirm", *self.table("machine,reset,restart", "m1,7,x"), says=["line 2.boot", "7,x"])
        self.fleet_refused(6, "confirm", *self.table("machine,reset,restart", "m1,7,0"), says=["line 2.boot", "--piid"])
        self.fleet_refused(1, "confirm", *self.table("machine", "m1"), says=["machine,reset,restart or machine,piid"])
        self.fleet_refused(1, "confirm", *self.seen("m1"), "--piid", self.ids["m1"], says="its own columns")
        self.fleet_refused(1, "confirm", "--site", "ams1", says="--site")  # never by site
        self.assertEqual(self.fleet("confirm", *self.seen("m1", "m2"), "--dry-run"), {"machines": 2, "dry_run": True})
        self.assertEqual(self.fleet("list", "--status", "enrolled")["machines"], [])
        self.assertEqual(self.fleet("confirm", *self.seen("m1", "m2")), {"machines": 2, "dry_run": False})

    def test_a_site_is_endorsed_as_far_as_it_may_be(self):
        self.fleet_refused(6, "endorse", *self.table("machine", "m1", "m2"), *self.key, "-o", self.out, says="line 2.status")
        self.fleet("confirm", *self.seen("m1", "m2"))
        self.fleet_refused(6, "endorse", *self.table("machine", "m1", "m3"), *self.key, "-o", self.out, says="line 3.status")
        self.fleet_refused(1, "endorse", "--site", "ams1", *self.key, "-o", self.poe, says="mkdir -p")
        self.fleet_refused(1, "endorse", "--site", "fra2", *self.key, "-o", self.out, says="a site with machines")
        self.at -= 86400  # clock and issuer are no machine's: nothing is left out, all of it is refused
        self.fleet_refused(1, "endorse", "--site", "ams1", *self.key, "-o", self.out, says="clock")
        self.at += 86400
        self.fleet_refused(6, "endorse", "--site", "ams1", "--issuer", "x", *self.key, "-o", self.out, says="issuer")
        self.assertEqual(self.poes(), [])
        by_site = self.words("endorse", "-j", "--site", "ams1", *self.key)
        done = situs(*by_site, "--dry-run")
        self.assertEqual(json.loads(done.stdout), {"endorsed": 2, "left_out": 1, "dry_run": True})
        self.assertIn(b"m3 is not endorsed: status: expected enrolled, got pending", done.stderr)
        self.assertNotIn("endorse", [h["action"] for h in self.fleet("history")["history"]])
        self.assertEqual(json.loads(self.accepted(*by_site, "-o", self.out))["endorsed"], 2)
        self.assertEqual(self.poes(), sorted(f"{p}.cbor" for p in self.ids.values()))
        # again in the same second
        first = self.bytes_of(os.path.join(self.out, self.poes()[0]))
        self.accepted(*by_site, "-o", self.out)
        self.assertNotEqual(first, self.bytes_of(os.path.join(self.out, self.poes()[0])))
        # what ends soon, and who will not be renewed
        self.assertEqual(len(json.loads(self.accepted("fleet", "list", "-j", "--db", self.db, "--expiring",
                                                      "3660"))["machines"]), 2)
        self.fleet("maintain", "--machine", "m2")
        renew = self.words("renew", "-j", "--expiring", "31d", *self.key)
        done = situs(*renew, "--dry-run")
        self.assertEqual(json.loads(done.stdout), {"renewed": 1, "failed": 0})
        self.assertIn(b"m2 is not renewed, for it is in maintenance", done.stderr)
        self.assertEqual(json.loads(self.accepted(*renew, "-o", self.out, "--site", "fra2"))["renewed"], 0)
        self.assertEqual(json.loads(self.accepted(*renew, "-o", self.out))["renewed"], 1)

    def test_a_table_states_what_the_machines_say(self):
        trust = ["--trust", self.in_lab("trust.json")]
        head, files = "machine,manifest,receipt,pck", "lab/third/manifest.bin,%s,lab/third/pck_chain.pem"
        for receipt, exit, says in (("12" * 16, 6, "line 2.receipt"), ("xx", 2, "line 2.ppid")):
            self.fleet_refused(exit, "add", *self.table(head, "m3," + files % receipt), *trust, says=says)
        self.fleet_refused(1, "add", *self.table(head, "m3,none.bin,,"), *trust, says="none.bin")
        self.fleet_refused(6, "add", *self.table(head, "m1," + files % "", "m1,lab/delivered/manifest.bin,,"), *trust,
                           says="line 3.piid")  # its instance ended in line 2
        self.assertIsNone(self.fleet("list")["machines"][2]["piid"])
        self.assertEqual(self.fleet("add", *self.table(head, "m3," + files % "", "m1,,,"), *trust, "--vouch", "grace"),
                         {"added": 0, "changed": 0, "there": 0, "stated": 1})
        self.assertEqual(self.fleet("list")["machines"][2]["vouched_by"], "grace")
        row = ["machine,site,prids,ek,class," + head[8:], "m4,ams1,,,,,,"]
        self.assertEqual(self.fleet("add", *self.table(*row), "--dry-run"),
                         {"added": 1, "changed": 0, "there": 0, "stated": 0, "dry_run": True})
        self.assertEqual(len(self.fleet("list")["machines"]), 3)
        # both lists in a call; what is revoked goes out when there is nothing to list
        both = self.words("export", "-j", "--list", self.path("l"), "--revocations", self.path("r"), *self.key)
        done = situs(*both)
        self.assertEqual((done.returncode, json.loads(done.stdout)), (6, {"revocations": {"number": 1, "entries": 0}}))
        self.fleet("confirm", *self.seen("m1"))
        self.assertEqual(json.loads(self.accepted(*both)), {"revocations": {"number": 2, "entries": 0},
                                                            "list": {"number": 2, "entries": 1, "left_out": 0}})

    def test_what_leaves_is_counted_and_says_what_was_revoked(self):
        self.fleet("confirm", *self.seen("m1", "m2"))
        self.accepted(*self.words("endorse", "--site", "ams1", *self.key, "-o", self.out))
        self.fleet("move", *self.table("machine,site", "m1,fra2"))
        self.fleet_refused(1, "move", *self.table("machine,site", "m1,fra2"), "--site", "x", says="where to")
        self.fleet_refused(6, "add", "--machine", "m1", "--site", "ams1", says="fleet move")
        told = self.fleet("move", "--machine", "m1", "--site", "ams1")
        self.assertEqual((told["site"], told["status"]), ("ams1", "pending"))
        site = ["--site", "ams1", "--sold", "--reason", "sold to a broker"]
        self.fleet_refused(1, "retire", *site, says=["3 machines", "--count 3", "for ever"])
        self.fleet_refused(1, "retire", *site, "--count", "2", says=["--count 3, got 2"])
        revoked = {"poe_id": 2, "piid": 2, "ppid": 2}
        self.assertEqual(self.fleet("retire", *site, "--dry-run"), {"machines": 3, "dry_run": True, "revoked": revoked})
        self.assertEqual(len(self.fleet("list", "--status", "sold")["machines"]), 0)
        text = self.accepted(*self.words("retire", *site, "--count", "3")).decode()
        self.assertIn("3 machines sold", text)
        self.assertIn("fleet export --revocations", text)
        self.fleet("add", "--machine", "m4", "--site", "ams1")
        self.assertNotIn("export", self.accepted(*self.words("lost", "--machine", "m4")).decode())  # nothing to revoke


class Refusals(Fleet):
    def test_certificate_of_a_root_that_nobody_trusts(self):
        self.deliver()
        self.fleet_refused(2, "add", "--machine", "m1", "--pck", self.in_lab("pck_chain.pem"),
                           says="untrusted")

    def test_certificate_that_is_out_of_its_time(self):
        self.deliver()
        self.at = AT + 20 * 365 * 86400
        self.fleet_refused(2, "add", "--machine", "m1", "--pck", self.in_lab("pck_chain.pem"), "--trust",
                           self.in_lab("trust.json"), says="expired")

    def test_chain_in_another_order_or_cut(self):
        self.deliver()
        with open(self.in_lab("pck_chain.pem")) as f:
            pem = f.read().split("-----BEGIN")[1:]
        for order in (0, 2, 1), (1, 0, 2), (0, 1), (0, 1, 2, 2):
            chain = self.path("chain.pem", "".join("-----BEGIN" + pem[i] for i in order).encode())
            self.fleet_refused(2, "add", "--machine", "m1", "--pck", chain, "--trust",
                               self.in_lab("trust.json"), says=["PCK chain", "three PEM certificates"])

    def test_manifest_and_certificate_of_two_machines(self):
        self.deliver()
        with open(self.in_lab("manifest.bin"), "rb") as f:
            bent = bytearray(f.read())
        bent[64] ^= 1  # PIID at 32 of PlatformInfo
        other = self.path("other.bin", bytes(bent))
        self.fleet_refused(6, "add", "--machine", "m1", "--manifest", other, "--pck",
                           self.in_lab("pck_chain.pem"), "--trust", self.in_lab("trust.json"), says="piid")

    def test_receipt_of_another_platform(self):
        self.deliver()
        self.fleet_refused(6, "add", "--machine", "m1", "--manifest", self.in_lab("manifest.bin"), "--pck",
                           self.in_lab("pck_chain.pem"), "--trust", self.in_lab("trust.json"),
                           "--receipt", "12" * 16, says="receipt")
        self.assertIsNone(self.fleet("list")["machines"][0]["piid"])

    def test_usage(self):
        self.fleet_refused(1, "add", says="--csv")
        self.fleet_refused(1, "add", "--machine", "m1", says="nothing to add")
        self.fleet_refused(1, "confirm", says="--machine")
        self.fleet_refused(1, "confirm", "--machine", "m9", "--piid", self.piid, says="unknown")
        self.fleet_refused(1, "confirm", "--machine", "m9", "--piid", self.piid, by=[], says="--operator")
        self.refused(1, "fleet", "list", says="--db")
        self.refused(1, "fleet", "list", "--db", self.path("none.db"), says="fleet")
        self.refused(1, "fleet", "list", "--db", self.db, "--status", "pendig", says='"pending"')
        self.fleet_refused(1, "init", says="never overwritten")


class Faults(Fleet):
    def test_clock_that_ran_backwards(self):
        self.deliver()
        self.at = AT - 3600
        self.fleet_refused(1, "add", "--machine", "m2", "--site", "ams1",
                           says=["clock", "2027-01-15", "--allow-future"])
        self.assertEqual(len(self.fleet("list")["machines"]), 1)

    def test_one_wrong_date_keeps_nobody_from_reporting_a_theft(self):
        """Red team 2, section 2: a change of 2100 locked what followed."""
        db = self.path("today.db")
        who = ["--db", db, *BY]
        self.accepted("fleet", "init", *who)
        self.accepted("fleet", "add", *who, "--machine", "m1", "--site", "ams1")
        wrong = ["--at", "2100-01-01T00:00:00Z"]
        self.refused(1, "fleet", "maintain", *who, *wrong, "--machine", "m1", says=["clock", "--allow-future"])
        self.refused(1, "fleet", "maintain", *who, *wrong, "--allow-future", "2100-01-02T00:00:00Z", "--machine", "m1",
                     says="clock")
        self.refused(1, "fleet", "maintain", *who, *wrong, "--allow-future", "soon", "--machine", "m1",
                     says='--allow-future "soon"')
        self.accepted("fleet", "maintain", *who, *wrong, "--allow-future", wrong[1], "--machine", "m1")
        self.refused(1, "fleet", "add", *who, "--machine", "m2", "--site", "ams1", says=["clock", "2100-01-01"])
        self.accepted("fleet", "add", *who, "--machine", "m2", "--site", "ams1", "--allow-future", wrong[1])
        self.accepted("fleet", "retire", *who, "--machine", "m2")
        self.accepted("fleet", "lost", *who, "--machine", "m1")
        fill(self.path("now"), LIFE)
        key = ["--key", self.path("now/owner.key.pem"), "--chain", self.path("now/owner_certs.pem")]
        # nobody had said in whose name; that would be a third thing in the way
        self.refused(6, "fleet", "export", *who, "--revocations", self.path("r.cose"), "--issuer", "x", *key,
                     says="fleet set --issuer")
        self.accepted("fleet", "set", *who, "--issuer", "x")  # that the date was wrong was said
        self.accepted("fleet", "export", *who, "--revocations", self.path("r.cose"), *key)

    def test_a_tpm_that_was_taken_out_is_revoked_by_its_names(self):
        """Red team 2, F10: an EK was exported as a hash that no verifier compares."""
        fill(self.lab, LIFE, f"@{AT}")
        key = ["--key", self.in_lab("owner.key.pem"), "--chain", self.in_lab("owner_certs.pem")]
        self.deliver()
        m = self.fleet("add", "--machine", "m1", "--ek", self.in_lab("ek.spki.der"))
        self.assertEqual(m["ek_class"], "dtpm")
        self.assertIsNone(self.fleet("end-ek", "--machine", "m1", "--compromised", "--reason", "read out")["ek"])
        self.fleet_refused(6, "end-ek", "--machine", "m1", says="EK in use")
        self.fleet_refused(6, "add", "--machine", "m1", "--ek", self.in_lab("ek.spki.der"), says="taken out")
        path = self.path("revoked.cose")
        self.fleet("export", "--revocations", path, *key)
        entries = json.loads(self.accepted("show", "-j", path))["entries"]
        self.assertEqual({(e["kind"], e["reason"]) for e in entries}, {("ek", "compromised")})
        self.assertEqual([len(e["id"]) for e in entries], [68, 68])  # P-256: L-2, H-2

    def test_second_writer_waits_then_says_so(self):
        self.deliver()
        other = sqlite3.connect(self.db, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        begin = time.monotonic()
        self.fleet_refused(1, "maintain", "--machine", "m1", says="another situs is writing")
        self.assertGreater(time.monotonic() - begin, 3)
        other.execute("ROLLBACK")
        self.assertEqual(self.fleet("maintain", "--machine", "m1")["status"], "maintenance")

    def test_full_disk_changes_nothing(self):
        self.deliver()
        rows = b"".join(b"x%d,ams1,,,\n" % i for i in range(2000))
        csv = self.path("goods.csv", b"machine,site,prids,ek,class\n" + rows)
        size = os.path.getsize(self.db)

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 9000, size + 9000))

        self.fleet_refused(1, "add", "--csv", csv, says="make room", preexec_fn=limit)
        self.assertEqual(len(self.fleet("list")["machines"]), 1)
        self.assertEqual(self.fleet("add", "--csv", csv), {"added": 2000, "changed": 0, "there": 0})

    def test_an_init_that_fails_leaves_nothing(self):
        """Assurance A9: the next one was refused, because of the file that the first left."""
        db = self.path("new/fleet.db")
        os.mkdir(self.path("new"))
        for size in (0, 4096, 8192, 32768, 65536):
            def limit():
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            self.refused(1, "fleet", "init", "--db", db, *BY, says="make room", preexec_fn=limit)
            self.assertEqual(os.listdir(self.path("new")), [], size)
        self.refused(1, "fleet", "init", "--db", db, *BY, "--owner", "caf\u00e9", says="owner")
        self.assertEqual(os.listdir(self.path("new")), [])
        self.accepted("fleet", "init", "--db", db, *BY, "--owner", "Example Cloud, Inc.", "--issuer", "Example")
        self.refused(1, "fleet", "init", "--db", db, *BY, says="never overwritten")
        told = json.loads(self.accepted("fleet", "history", "-j", "--db", db))["history"]
        self.assertEqual([h["detail"] for h in told],
                         ["a new inventory", "owner Example Cloud, Inc.; issuer Example"])

    def test_an_inventory_is_a_file(self):
        pipe = self.path("pipe")
        os.mkfifo(pipe)  # nobody writes into it: an error, no hang
        for command in (["list"], ["maintain", *BY, "--machine", "m1"]):
            self.refused(1, "fleet", command[0], "--db", pipe, *command[1:], says=["regular file", "fleet init"])

    def test_an_inventory_where_nothing_may_be_written_is_read(self):
        """Assurance A9: the log wanted to be written."""
        self.deliver()
        still = self.path("a #1?%41")
        os.mkdir(still)
        copy = os.path.join(still, "fleet.db")
        shutil.copy(self.db, copy)
        os.chmod(copy, 0o444)
        os.chmod(still, 0o555)
        os.chmod(self.dir, 0o755)
        nobody = {"preexec_fn": lambda: os.setuid(65534)} if os.getuid() == 0 else {}
        if nobody and situs("version", **nobody).returncode != 0:
            self.skipTest("nobody may not run the program")
        for command, key in (("list", "machines"), ("history", "history")):
            told = json.loads(self.accepted("fleet", command, "-j", "--db", copy, **nobody))[key]
            self.assertTrue(told)
        self.assertEqual(os.listdir(still), ["fleet.db"])
        self.refused(1, "fleet", "maintain", "--db", copy, *BY, "--machine", "m1", says="written", **nobody)
        os.chmod(still, 0o755)

    def test_a_damaged_inventory_signs_nothing(self):
        fill(self.lab, LIFE, f"@{AT}")
        key = ["--key", self.in_lab("owner.key.pem"), "--chain", self.in_lab("owner_certs.pem")]
        self.deliver()
        self.fleet("lost", "--machine", "m1")
        with open(self.db, "rb") as f:
            data = bytearray(f.read())
        at = data.index(b"stolen" if b"stolen" in data else b"lost")
        data[at] ^= 1
        bent = self.path("bent.db", bytes(data))
        who = ["--db", bent, *BY, "--at", f"@{AT}", "--allow-future", f"@{AT}"]
        self.refused(6, "fleet", "export", *who, "--revocations", self.path("r.cose"), *key,
                     says=["seal", "restore the last good copy"])
        self.assertFalse(os.path.exists(self.path("r.cose")))

    def test_history_cannot_be_rewritten_even_by_hand(self):
        self.deliver()
        db = sqlite3.connect(self.db)
        for sql in ("DELETE FROM history", "UPDATE history SET operator = 'eve'"):
            with self.assertRaisesRegex(sqlite3.DatabaseError, "append-only"):
                db.execute(sql)


if __name__ == "__main__":
    main()
