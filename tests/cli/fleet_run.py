"""A machine of the lab's in an inventory of its owner's, for tests of the built program."""
import json
import os

from situs_run import Case, fill, situs

LIFE = os.environ["LAB_FLEET"]
AT = 1800000000
OWNER = "Example Cloud, Inc."
DAY = 86400


class FleetCase(Case):
    MADE_AT = AT  # of the lab's world, and of what is done in it

    def setUp(self):
        super().setUp()
        self.lab = self.path("lab")
        fill(self.lab, LIFE, f"@{self.MADE_AT}")
        self.trust = self.in_lab("trust.json")
        self.key = ["--key", self.in_lab("owner.key.pem"), "--chain", self.in_lab("owner_certs.pem")]
        self.db, self.at, self.poe = self.path("fleet.db"), self.MADE_AT, self.path("poe.cbor")

    def in_lab(self, name):
        return os.path.join(self.lab, name)

    def shown(self, name):
        return json.loads(self.accepted("show", "-j", self.in_lab(name)))

    def words(self, command, *args):
        who = [] if command in ("list", "history") else ["--operator", "ada", "--at", f"@{self.at}",
                                                              "--allow-future", f"@{self.at}"]
        return ["fleet", command, "--db", self.db, *who, *args]

    def fleet(self, command, *args):
        return json.loads(self.accepted(*self.words(command, "-j", *args)))

    def supplier_trust(self, use="supplier"):
        """A trust file in which the owner's root stands for a supplier."""
        with open(self.in_lab("owner_certs.pem")) as f:
            root = "-----BEGIN" + f.read().split("-----BEGIN")[2]
        return self.path("supplier.json", json.dumps(
            {"anchors": [{"name": "Supplier", "for": [use], "pem": root}]}).encode())

    def compose(self, out, *more):
        return self.accepted("fleet", "compose", "--serial", "SN-1", "--supplier", "Supplier Inc.", *self.key,
                             "--at", f"@{self.at}", "-o", out, *more)

    def deliver(self, stage="delivered"):
        """From the supplier's papers to a machine that was seen in its place."""
        self.once(self.db, (self.at, stage), lambda: self.make_delivered(stage))

    def make_delivered(self, stage):
        prids = [w for p in self.shown(f"{stage}/manifest.bin")["package"] for w in ("--prid", p["prid"])]
        self.fleet("init")
        self.fleet("set", "--owner", OWNER, "--issuer", "Example Cloud")
        self.fleet("add", "--machine", "m1", "--site", "ams1", *prids)
        self.state(stage, "--receipt", self.shown(f"{stage}/quote.bin")["pck_certificate"]["ppid"])
        self.confirm()

    def confirm(self, machine="m1"):
        """An operator has seen it in its place, and read its PIID there."""
        piid = next(m["piid"] for m in self.fleet("list")["machines"] if m["machine"] == machine)
        return self.fleet("confirm", "--machine", machine, "--piid", piid)

    def state(self, stage="delivered", *more):
        return self.fleet("add", "--machine", "m1", "--manifest", self.in_lab(f"{stage}/manifest.bin"), "--pck",
                          self.in_lab(f"{stage}/pck_chain.pem"), "--trust", self.trust, *more)

    def endorse(self, *more):
        return self.fleet("endorse", "--machine", "m1", "--owner", OWNER, *self.key, "-o", self.poe, *more)

    def publish(self, name="revoked.cose"):
        path = self.path(name)
        self.fleet("export", "--revocations", path, "--issuer", "Example Cloud", *self.key)
        return path
