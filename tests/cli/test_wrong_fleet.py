"""Wrong inputs of a provider: tables, names, dates, keys, machines; and what is told about each."""
import json
import os
import subprocess

from situs_run import PLAIN, main, situs
from wrong_inputs import WrongInputs

WHO = "--db {dir}/fleet.db --operator ada "
SIGN = "--key {dir}/owner.key.pem --chain {dir}/owner_certs.pem "
FILES = ("m1", "delivered"), ("m2", "second")


class Fleet(WrongInputs):
    def fleet(self, command, *args):
        done = situs("fleet", command, "--db", self.path("fleet.db"), "--operator", "ada", *args)
        self.assertEqual(done.returncode, 0, done.stderr)

    def prepare(self):
        subprocess.run([os.environ["LAB_FLEET"], self.dir], check=True, env=PLAIN)
        self.ids = {}
        self.fleet("init", "--owner", "Acme GmbH", "--issuer", "Acme")
        for machine, stage in FILES:
            shown = json.loads(self.accepted("show", "-j", self.path(f"{stage}/manifest.bin")))
            self.ids[machine] = shown["piid"]
            self.fleet("add", "--machine", machine, "--site", "ams1",
                       *[w for p in shown["package"] for w in ("--prid", p["prid"])])
        self.fleet("add", "--machine", "m1", "--manifest", self.path("delivered/manifest.bin"), "--vouch", "grace",
                   "--pck", self.path("delivered/pck_chain.pem"), "--trust", self.path("trust.json"))
        self.fleet("confirm", "--machine", "m1", "--piid", self.ids["m1"])
        self.path("typo.csv", "\ufeffmachine;site;prid;ek;class\r\nm3;ams1;;;\r\n".encode())
        self.path("moved.csv", b"machine;site;prids;ek;class\r\nm1;fra2;;;\r\n")
        self.path("rounded.csv", b"machine;site;prids;ek;class\r\nm3;ams1;5,5555E+31;;\r\n")
        self.path("short.csv", b"machine,site,prids,ek,class\nm3,ams1\n")
        self.path("utf16.csv", "machine,site".encode("utf-16"))
        self.path("seen.csv", b"machine,reset,restart\nm1,7,0\n")
        self.path("list.csv", b"machine\nm1\nm2\n")
        self.path("root.pem", b"-----BEGIN" + self.bytes_of(self.path("owner_certs.pem")).split(b"-----BEGIN")[2])
        for name, args in (("rsa", ["-algorithm", "RSA"]), ("p256", ["-algorithm", "EC", "-pkeyopt",
                                                                     "ec_paramgen_curve:prime256v1"])):
            subprocess.run(["openssl", "genpkey", *args, "-out", self.path(f"{name}.key")], check=True,
                           stderr=subprocess.DEVNULL)
        subprocess.run(["openssl", "pkcs8", "-topk8", "-in", self.path("owner.key.pem"), "-passout", "pass:x", "-out",
                        self.path("locked.key")], check=True)
        subprocess.run(["openssl", "req", "-x509", "-new", "-key", self.path("owner.key.pem"), "-subj", "/CN=x", "-out",
                        self.path("self.pem")], check=True)
        subprocess.run(["openssl", "x509", "-in", self.path("root.pem"), "-outform", "DER", "-out",
                        self.path("root.der")], check=True)
        self.path("empty", b"")
        self.before = self.bytes_of(self.path("fleet.db"))

    rows = (
        ("a table with a header that is not quite it", "fleet add " + WHO + "--csv {dir}/typo.csv", 1, """
error: CSV: line 1.header: malformed: expected machine,site,prids,ek,class or machine,manifest,receipt,pck or machine,site,prids,ek,class,manifest,receipt,pck, got machine,site,prid,ek,class
hint: nothing was changed; the first line names the columns, in this order"""),
        ("a machine that stands elsewhere", "fleet add " + WHO + "--csv {dir}/moved.csv", 6, """
error: fleet: line 2.site: mismatch: expected ams1, got fra2
hint: the inventory has this machine at another site; if it was moved: "situs fleet move"
"""),
        ("an id that a spreadsheet rounded", "fleet add " + WHO + "--csv {dir}/rounded.csv", 1, """
error: CSV: line 2.prids: malformed: expected at most 32 of 32 hex digits, one space between, got 5,5555E+31
hint: nothing was changed; a spreadsheet made a number of it: give the column the format Text, and fill it in again"""),
        ("columns that are missing", "fleet add " + WHO + "--csv {dir}/short.csv", 1, """
error: CSV: line 2.columns: malformed: expected machine,site,prids,ek,class, got 2 columns
hint: nothing was changed; correct the line and give the whole file again"""),
        ("UTF-16", "fleet add " + WHO + "--csv {dir}/utf16.csv", 1, """
error: CSV: line 1.header: malformed: expected text in UTF-8, got UTF-16
hint: save it as "CSV UTF-8"
"""),
        ("a quote as a table", "fleet add " + WHO + "--csv {dir}/delivered/quote.bin", 1, """
error: CSV: line 1.columns: malformed: expected cells of text, got a zero byte
hint: nothing was changed; correct the line and give the whole file again"""),
        ("an inventory that is there", "fleet init " + WHO, 1, """
error: fleet: db: duplicate: expected a path where a new file can be made, got {dir}/fleet.db
hint: an inventory that exists is never overwritten; name another file"""),
        ("a status misspelt", "fleet list --db {dir}/fleet.db --status pendig", 1, """
error: no machine has the status "pendig"
hint: did you mean "pending"?"""),
        ("no machine of the inventory", "fleet confirm " + WHO + "--machine m9 --piid " + "12" * 16, 1, """
error: fleet: machine: unknown: expected a machine of the inventory, got m9
hint: "situs fleet list" names them; "situs fleet add --site" adds one"""),
        ("a receipt of another machine", "fleet add " + WHO + "--machine m2 --manifest {dir}/second/manifest.bin "
         "--pck {dir}/second/pck_chain.pem --trust {dir}/trust.json --receipt " + "12" * 16, 6, """
error: fleet: receipt: mismatch: expected ae3d0608fd38e6f8a31d96d184c5791b, got 12121212121212121212121212121212
hint: Intel answered this manifest with another platform's PPID: manifest, receipt and PCK certificate are not of one machine"""),
        ("a platform that is another machine's", "fleet add " + WHO + "--machine m2 --manifest "
         "{dir}/delivered/manifest.bin", 6, """
error: fleet: piid: duplicate: expected a part of one machine only, got 3e7e8dd4fbf57a73430ee52f17917347 of machine m1
hint: one platform instance is one machine: correct the papers, or look which machine this is"""),
        ("a boot that nobody reported", "fleet confirm " + WHO + "--csv {dir}/seen.csv", 6, """
error: fleet: line 2.boot: missing: expected a boot that the machine's TPM reported, got none
hint: a machine without a TPM is confirmed by its PIID: --piid HEX"""),
        ("a whole site, unseen", "fleet confirm " + WHO + "--site ams1", 1, """
error: unknown option "--site" of "situs fleet confirm"
hint: "situs fleet confirm --help" lists the options"""),
        ("a date ahead of the clock", "fleet lost " + WHO + "--machine m1 --at 2062-01-01T00:00:00Z", 1, """
error: fleet: clock: not-yet-valid: expected a time not after NOW, got 2062-01-01T00:00:00Z
hint: the date is ahead of the clock: leave --at out, or, if it is meant, repeat it with --allow-future"""),
        ("an owner misspelt", "fleet endorse " + WHO + "--machine m1 --owner 'Acme Gmbh' " + SIGN + "-o {dir}/p", 6, """
error: fleet: owner: mismatch: expected Acme GmbH, got Acme Gmbh
hint: if another name is meant, add --other-owner; if the owner changed, "situs fleet set --owner"
"""),
        ("another owner of the list", "fleet export " + WHO + "--list {dir}/l --owner 'Totally Wrong' " + SIGN, 6, """
error: fleet: owner: mismatch: expected Acme GmbH, got Totally Wrong
hint: if another name is meant, add --other-owner; if it changed, "situs fleet set"
"""),
        ("another issuer", "fleet export " + WHO + "--revocations {dir}/l --issuer 'Some Other' " + SIGN, 6, """
error: fleet: issuer: mismatch: expected Acme, got Some Other
hint: if another name is meant, add --other-owner; if it changed, "situs fleet set"
"""),
        ("one of a list that may not be endorsed", "fleet endorse " + WHO + "--csv {dir}/list.csv " + SIGN
         + "-o {dir}/delivered", 6, """
error: fleet: line 3.status: not-allowed: expected enrolled, got pending
hint: see the machine in its place, then "situs fleet confirm"
"""),
        ("a registrar that trusts a table", "registrar --socket {dir}/s --fleet {dir}/fleet.db --state {dir} --ca a,b "
         "--trust {dir}/list.csv", 1, """
error: {dir}/list.csv:1:8: trust: json: malformed: expected JSON (RFC 8259), got '[' or '{' expected near 'machine'
hint: a trust file is one JSON object, {"anchors": [...]}: "situs trust add" writes one"""),
        ("a processor's id that is cut", "fleet add " + WHO + "--machine m3 --site ams1 --prid 12", 1, """
error: --prid: malformed: expected 32 hex digits, got 12
hint: a PRID is 16 bytes, in hex, one for each processor package"""),
        ("a certificate of an EK in PEM", "fleet add " + WHO + "--machine m1 --ek {dir}/root.pem", 2, """
error: EK: key: malformed: expected a public key, got none
hint: PEM is not read here: openssl x509 (or pkey -pubin) -in FILE -outform DER -out FILE.der"""),
        ("a quote as EK", "fleet add " + WHO + "--machine m1 --ek {dir}/delivered/quote.bin", 1, """
error: {dir}/delivered/quote.bin: unknown: expected a certificate or public key, DER, got a quote of Intel TDX or SGX
hint: it is what is appraised: give it as the evidence (in "situs pack": tdx)"""),
        ("the history of nobody", "fleet history --db {dir}/fleet.db --machine m9", 1, """
error: fleet: machine: unknown: expected a machine of the inventory, got m9
hint: "situs fleet list" names them"""),
        ("the history of nobody, for programs", "fleet history -j --db {dir}/fleet.db --machine m9", 1, """
error: fleet: machine: unknown: expected a machine of the inventory, got m9
hint: "situs fleet list" names them"""),
        ("a site misspelt", "fleet list --db {dir}/fleet.db --site asm1", 0, "no machine is so, of 2 in the inventory"),
        ("a quote as inventory", "fleet list --db {dir}/delivered/quote.bin", 1, """
error: fleet: database: unknown: expected a fleet inventory, got file is not a database
hint: is it the right file? "situs fleet init" makes a new one, of another name"""),
        ("key and chain swapped", "signer check --key {dir}/root.pem --chain {dir}/owner.key.pem", 1, """
error: {dir}/root.pem: unknown: expected a private key in PEM, got a certificate in PEM
hint: an issuer's root goes into the trust file, Intel's chains are collateral, an attestation key's goes into the bundle (guest.cert)"""),
        ("a key as chain", "signer check --key {dir}/owner.key.pem --chain {dir}/owner.key.pem", 1, """
error: {dir}/owner.key.pem: unknown: expected certificates in PEM, got a private key
hint: keep it to yourself: it is for who signs with it alone"""),
        ("a chain in DER", "signer check --key {dir}/owner.key.pem --chain {dir}/root.der", 1, """
error: {dir}/root.der: certificate: missing: expected PEM certificates, the signer's first, got none
hint: of DER: openssl x509 -inform DER -in FILE -out FILE.pem"""),
        ("an empty key", "signer check --key {dir}/empty --chain {dir}/root.pem", 1, """
error: {dir}/empty: unknown: expected a private key in PEM, got an empty file
hint: what wrote it failed: get it again"""),
        ("a directory that is not there", "fleet export " + WHO + "--poe {dir}/poes", 1, """
error: {dir}/poes is not a directory that can be written
hint: make it first: mkdir -p {dir}/poes"""),
        ("a list that cannot be written", "fleet export " + WHO + "--revocations {dir}/no/l " + SIGN, 1, """
error: {dir}/no/l: missing: expected a place to write, got No such file or directory
hint: check the path, its permissions and the room on the disk"""),
        ("a site retired by chance", "fleet retire " + WHO + "--site ams1", 1, """
error: 2 machines are in use at ams1: expected --count 2, got none
hint: it is for ever: look with --dry-run, then say how many they are"""),
        ("an RSA key", "fleet export " + WHO + "--revocations {dir}/l --key {dir}/rsa.key --chain {dir}/root.pem", 1, """
error: {dir}/rsa.key: key.type: unsupported: expected ECC on P-256 or P-384, got RSA
hint: make a new key on P-384: openssl ecparam -name secp384r1 -genkey -noout; see situs-signer(1)"""),
        ("a key of another certificate", "fleet export " + WHO + "--revocations {dir}/l --key {dir}/p256.key --chain {dir}/root.pem",
         1, """
error: certificate: key: not-allowed: expected the public half of --key, got another key
hint: give the certificate of this key first in --chain"""),
        ("a certificate that signs itself", "fleet export " + WHO
         + "--revocations {dir}/l --key {dir}/owner.key.pem --chain {dir}/self.pem", 1, """
error: certificate: basicConstraints: not-allowed: expected CA:FALSE, got a CA, or version 1
hint: a CA's own key signs no endorsements: let it issue a certificate with CA:FALSE, and put that first in --chain"""),
        ("an encrypted key", "fleet export " + WHO
         + "--revocations {dir}/l --key {dir}/locked.key --chain {dir}/owner_certs.pem", 1, """
error: {dir}/locked.key: passphrase: missing: expected the passphrase of the encrypted key, got none
hint: give --passphrase-file FILE, or run this at a terminal"""),
        ("a token without its PIN", "fleet export " + WHO
         + "--revocations {dir}/l --key pkcs11:token=none --chain {dir}/owner_certs.pem", 1, """
error: --key: passphrase: missing: expected the PIN of the token, got none
hint: give --passphrase-file FILE, or run this at a terminal"""),
    )

    def tearDown(self):
        self.assertEqual(self.before, self.bytes_of(self.path("fleet.db")))  # none of it changed anything


if __name__ == "__main__":
    main()
