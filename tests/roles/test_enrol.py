"""Provider and host as programs: registrar, provision, confirmation, agent, attester; killed at steps."""
import hashlib
import http.client
import os
import pathlib
import re
import shutil
import signal
import socket as socketlib
import subprocess
import sys
import tempfile
import threading
from urllib.parse import urljoin

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from waiting import BOUND, until  # noqa: E402

SITUS = os.environ["SITUS"]
HERE = None  # the directory of this run
CHILDREN = []


def need(*tools):
    missing = [t for t in tools if not shutil.which(t)]
    if missing:
        print("skipped: no", *missing)
        sys.exit(77)


def run(*args, **options):
    return subprocess.run(args, capture_output=True, timeout=BOUND, **options)


def situs(*args, expect=0):
    done = run(SITUS, *map(str, args))
    assert done.returncode == expect, (args, done.returncode, done.stderr.decode())
    return done.stderr.decode()


def answers(path):
    """Says that somebody listens; a TPM's control channel takes one client, and is not asked."""
    if path.suffix == ".ctrl" or not path.exists():
        return path.exists()
    with socketlib.socket(socketlib.AF_UNIX) as s:
        return s.connect_ex(str(path)) == 0


def start(*args, socket, log=os.devnull):
    with open(log, "wb") as said:
        child = subprocess.Popen(list(map(str, args)), stderr=said)
    CHILDREN.append(child)
    until(lambda: answers(socket))
    return child


def stop(child, how=signal.SIGTERM):
    child.send_signal(how)
    code = child.wait(timeout=BOUND)
    CHILDREN.remove(child)
    return code


def manufacture():
    """A TPM with an EK certificate, as tests/support/swtpm.c makes one."""
    d = HERE
    for name in ("tpm", "maker", "state"):
        (d / name).mkdir()
    (d / "setup.conf").write_text(
        f"create_certs_tool = {shutil.which('swtpm_localca')}\ncreate_certs_tool_config = {d}/localca.conf\n"
        f"create_certs_tool_options = {d}/options\nactive_pcr_banks = sha256,sha384\n")
    (d / "localca.conf").write_text(
        f"statedir = {d}/maker\nsigningkey = {d}/maker/key.pem\nissuercert = {d}/maker/cert.pem\n"
        f"certserial = {d}/maker/serial\n")
    (d / "options").write_text("--platform-manufacturer Lab\n--platform-version 1\n--platform-model A\n")
    done = run("swtpm_setup", "--tpm2", "--tpm-state", d / "tpm", "--config", d / "setup.conf", "--create-ek-cert",
               "--lock-nvram", "--pcr-banks", "sha256,sha384", "--write-ek-cert-files", d / "maker", "--vmid", "h")
    assert done.returncode == 0, done.stdout


def tpm():
    for name in ("sock", "sock.ctrl"):
        (HERE / name).unlink(missing_ok=True)
    return start("swtpm", "socket", "--tpm2", "--tpmstate", f"dir={HERE}/tpm", "--server",
                 f"type=unixio,path={HERE}/sock", "--ctrl", f"type=unixio,path={HERE}/sock.ctrl", "--flags",
                 "not-need-init,startup-clear", socket=HERE / "sock.ctrl")


def openssl(*args):
    done = run("openssl", *map(str, args))
    assert done.returncode == 0, done.stderr
    return done.stdout



def oid(text):
    """An object identifier in DER, as certificates have it: what openssl prints of one differs by version."""
    first, second, *arcs = map(int, text.split("."))
    body = b""
    for arc in (first * 40 + second, *arcs):
        digits = bytes([arc & 0x7f])
        while arc := arc >> 7:
            digits = bytes([0x80 | arc & 0x7f]) + digits
        body += digits
    return bytes([6, len(body)]) + body


def serial_of(cert):
    """The serial number of a certificate, an INTEGER; it follows the version 3 ([0] 2)."""
    at = cert.index(bytes.fromhex("a003020102")) + 5
    return cert[at:at + 2 + cert[at + 1]]


def fingerprint(key):
    """The fleet's key of an EK: SHA-256 of its SubjectPublicKeyInfo."""
    cert = next((HERE / "maker").glob(f"ek-{key}*"))
    (HERE / "ek.pem").write_bytes(openssl("x509", "-inform", "DER", "-in", cert, "-noout", "-pubkey"))
    return hashlib.sha256(openssl("pkey", "-pubin", "-in", HERE / "ek.pem", "-outform", "DER")).hexdigest()


def provider():
    """The provider's CA, trust file and fleet of one machine."""
    d = HERE
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", d / "ca.key",
            "-out", d / "ca.pem", "-subj", "/CN=Provider", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    root = (d / "maker" / "swtpm-localca-rootca-cert.pem").read_text()
    pem = root[root.index("-----BEGIN CERT"):].replace("\n", "\\n")
    (d / "trust.json").write_text('{"anchors": [{"name": "maker", "for": ["tpm-maker"], "pem": "%s", '
                                  '"simulated": true}]}' % pem)
    rows = [("Halle 3 Zürich", "host-1", "rsa"), ("Halle 3 Zürich", "host-2", "secp384r1")]
    (d / "fleet.csv").write_text("facility,machine,class,ek,piid\n" + "".join(
        f"{facility},{machine},vtpm,{fingerprint(key)},{'07' * 16}\n" for facility, machine, key in rows), "utf-8")
    trust = (d / "trust.json").read_text()
    (d / "trust.json").write_text(trust.replace('["tpm-maker"]', '["tpm-maker", "provider"], "profile": "situs"'))
    openssl("x509", "-in", d / "maker" / "cert.pem", "-outform", "DER", "-out", d / "issuer.der")


def registrar():
    d = HERE
    return start(SITUS, "registrar", "--socket", d / "reg", "--fleet", d / "fleet.csv", "--state", d / "state", "--ca",
                 f"{d}/ca.pem,{d}/ca.key", "--trust", d / "trust.json", "--crl", d / "crl.der", socket=d / "reg",
                 log=d / "reg.log")


def provision(expect, *more, state="host", at="reg"):
    return situs("host", "provision", "--vtpm", *more, "--tcti", f"swtpm:path={HERE}/sock", "--registrar", HERE / at,
                 "--state", HERE / state, "--ek-chain", HERE / "issuer.der", expect=expect)


def boot_of(said):
    """The counters that the machine shows."""
    return re.search(r"this machine is in boot (\d+,\d+)", said)[1]


def confirm(boot, machine="host-1", expect=0):
    return situs("registrar", "--fleet", HERE / "fleet.csv", "--state", HERE / "state", "--confirm", machine, "--boot",
                 boot, expect=expect)


def a_new_boot_waits_then_is_certified():
    said = provision(3)
    assert "pending" in said and "confirm" in said, said
    assert not (HERE / "host").exists()
    boot = boot_of(said)
    reset, restart = boot.split(",")
    assert "not what was seen" in confirm(f"{int(reset) + 1},{restart}", expect=6)  # as a thief's would be
    provision(3)
    confirm(boot)
    provision(0)
    cert = (HERE / "host" / "cert0.der").read_bytes()
    assert oid("2.23.133.8.3") in cert  # tcg-kp-AIKCertificate
    assert "Halle 3 Zürich".encode() in cert  # in SitusMachine, as the fleet has it
    assert oid("2.5.4.3") + b"\x0c\x06host-1" in cert
    assert oid("2.25.147392091879551213008622175536429035330") in cert
    openssl("crl", "-inform", "DER", "-in", HERE / "crl.der", "-noout")
    assert serial_of(cert) not in (HERE / "crl.der").read_bytes()


def a_p384_endorsement_key_opens_its_credential():
    """MakeCredential by ECDH and KDFe, opened by the TPM (part 1, C.6.4)."""
    confirm(boot_of(provision(3, "--ek", "p384", state="host2")), "host-2")
    provision(0, "--ek", "p384", state="host2")
    assert b"host-2" in (HERE / "host2" / "cert0.der").read_bytes()
    assert (HERE / "host2" / "ek").read_bytes() == b"p384" and not (HERE / "host" / "ek").exists()
    assert "p384" in provision(1, "--ek", "p521")


def the_same_boot_renews_at_once():
    provision(0)


def post(path, body):
    """(status, Location, body) of the gate."""
    c = http.client.HTTPConnection("gate")
    c.sock = socketlib.socket(socketlib.AF_UNIX)
    c.sock.connect(str(HERE / "gate"))
    c.request("POST", path, body, {"Content-Type": "application/cbor"})
    answer = c.getresponse()
    try:
        return answer.status, answer.headers["Location"], answer.read()
    finally:
        c.close()


def relay(listener, statuses):
    """Takes the two frames of one enrolment, and gives the answers that HTTP gave."""
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as stream:
        path = "/v1/registrar/enrol"
        while head := stream.read(4):
            status, location, body = post(path, stream.read(int.from_bytes(head, "big")))
            statuses.append(status)
            path = urljoin(path, location or "")
            connection.sendall(len(body).to_bytes(4, "big") + body)


def the_same_messages_go_over_http():
    """situs serve --registrar, a process without a key before the one that has it."""
    gate = start(SITUS, "serve", "--registrar", HERE / "reg", "--listen", f"unix:{HERE}/gate", socket=HERE / "gate",
                 log=HERE / "gate.log")
    with socketlib.socket(socketlib.AF_UNIX) as listener:
        listener.bind(str(HERE / "relay"))
        listener.listen(1)
        statuses = []
        between = threading.Thread(target=relay, args=(listener, statuses))
        between.start()
        before = (HERE / "host" / "cert0.der").read_bytes()
        provision(0, at="relay")
        between.join(60)
    assert statuses == [201, 200], statuses
    assert (HERE / "host" / "cert0.der").read_bytes() != before
    assert stop(gate) == 0, (HERE / "gate.log").read_text()


def a_power_cycle_waits_again():
    global TPM
    before = (HERE / "host" / "cert0.der").read_bytes()
    stop(TPM, signal.SIGKILL)
    TPM = tpm()
    said = provision(3)
    assert (HERE / "host" / "cert0.der").read_bytes() == before
    confirm(boot_of(said))
    provision(0)


def confirm_without_a_boot_is_refused():
    confirm("4000000000,0", expect=1)
    confirm("4000000000,0", "nobody", expect=6)
    assert "--boot" in situs("registrar", "--fleet", HERE / "fleet.csv", "--state", HERE / "state", "--confirm",
                             "host-1", expect=1)


def a_registrar_that_thinks_keeps_nobody_from_the_tpm():
    REGISTRAR.send_signal(signal.SIGSTOP)
    try:
        waits = subprocess.Popen([SITUS, "host", "provision", "--vtpm", "--tcti", f"swtpm:path={HERE}/sock", "--registrar",
                                  HERE / "reg", "--state", HERE / "host", "--ek-chain", HERE / "issuer.der", "-v"],
                                 stderr=subprocess.PIPE)
        CHILDREN.append(waits)
        while b"-> registrar" not in waits.stderr.readline():
            pass
        situs("attest", "--no-td", "--nonce", "11" * 32, "--tcti", f"swtpm:path={HERE}/sock", "-o", HERE / "evidence")
    finally:
        REGISTRAR.send_signal(signal.SIGCONT)
    assert waits.communicate(timeout=BOUND) and waits.returncode == 0


def a_dead_registrar_is_an_error():
    global REGISTRAR
    before = sorted((p.name, p.read_bytes()) for p in (HERE / "host").iterdir())
    stop(REGISTRAR, signal.SIGKILL)
    assert "/reg:" in provision(1)
    assert sorted((p.name, p.read_bytes()) for p in (HERE / "host").iterdir()) == before
    REGISTRAR = registrar()  # its stale socket is no obstacle
    provision(0)


def a_dead_tpm_is_an_error():
    global TPM
    stop(TPM, signal.SIGKILL)
    for name in ("sock", "sock.ctrl"):
        (HERE / name).unlink(missing_ok=True)
    assert "tpm" in provision(1)
    TPM = tpm()


def a_withdrawn_certificate_is_in_the_next_crl():
    global REGISTRAR
    der = serial_of((HERE / "host" / "cert0.der").read_bytes())
    serial = der[2:].hex()
    situs("registrar", "--state", HERE / "state", "--revoke", serial)
    situs("registrar", "--state", HERE / "state", "--revoke", serial)
    situs("registrar", "--state", HERE / "state", "--revoke", "xyz", expect=2)
    assert stop(REGISTRAR) == 0
    assert not (HERE / "reg").exists()
    REGISTRAR = registrar()
    until(lambda: der in (HERE / "crl.der").read_bytes())
    crl = (HERE / "crl.der").read_bytes()
    issued = [f.read_text() for f in (HERE / "state").glob("*.issued")]
    ours = [line.split()[0] for line in next(text for text in issued if der[2:].hex() in text).splitlines()]
    head = bytes([0x30, len(der) + 15])  # each with a UTCTime
    assert len(ours) > 1 and all(head + der[:2] + bytes.fromhex(other) in crl for other in ours), crl.hex()
    assert crl.count(head + der[:2]) == len(ours), crl.hex()  # all of its key, and no other


def a_withdrawn_key_is_not_certified_again():
    before = (HERE / "host" / "cert0.der").read_bytes()
    provision(6)
    assert b"registrar: ak: revoked" in (HERE / "reg.log").read_bytes().splitlines()[-2]
    assert (HERE / "host" / "cert0.der").read_bytes() == before
    shutil.rmtree(HERE / "host")  # a vTPM makes the same key again
    provision(6)
    assert b"registrar: ak: revoked" in (HERE / "reg.log").read_bytes().splitlines()[-2]


def an_unlisted_machine_is_refused():
    """At once: the registrar runs on."""
    fleet = (HERE / "fleet.csv").read_text().splitlines()[0] + "\n"
    (HERE / "fleet.csv").write_text(fleet)
    said = provision(6)
    assert "registrar: refusal: unknown: expected an answer, got refused: the log of the program" in said, said
    assert b"situs: error: fleet" in (HERE / "reg.log").read_bytes().splitlines()[-2]


def bad_fleets_are_refused():
    row = "fra,host-1,dtpm," + "ab" * 32 + "," + "07" * 16 + "\n"
    head = "facility,machine,class,ek,piid\n"
    for bad in ("", "x\n", head + row + row, head + row[:-1], head + row.replace("dtpm", "tpm"),
                head + row.replace("ab", "a"), head + row.replace("fra", ""), head + row.replace("host", "a b"),
                head + row.replace("fra", " fra"), head + row.replace("fra", "fra "), head + row.replace("fra", "f\tra"),
                head + row.replace("fra", "f\x1b[1mra"), head + row.replace("fra", "f\x85ra"),
                head + row.replace("fra", "f" * 65)):
        (HERE / "bad.csv").write_text(bad, "utf-8")
        said = situs("registrar", "--fleet", HERE / "bad.csv", "--state", HERE / "state", "--confirm", "x", "--boot",
                     "1,0", expect=2)
        assert "line " in said, said


TESTS = (a_new_boot_waits_then_is_certified, a_p384_endorsement_key_opens_its_credential, the_same_boot_renews_at_once,
         the_same_messages_go_over_http, a_power_cycle_waits_again,
         confirm_without_a_boot_is_refused, a_registrar_that_thinks_keeps_nobody_from_the_tpm,
         a_dead_registrar_is_an_error, a_dead_tpm_is_an_error,
         bad_fleets_are_refused)
LAST = (a_withdrawn_certificate_is_in_the_next_crl, a_withdrawn_key_is_not_certified_again,
        an_unlisted_machine_is_refused)

need("swtpm", "swtpm_setup", "swtpm_localca", "openssl")
with tempfile.TemporaryDirectory(prefix="situs-", dir="/tmp") as folder:
    HERE = pathlib.Path(folder)
    try:
        manufacture()
        TPM = tpm()
        provider()
        REGISTRAR = registrar()
        for test in TESTS + LAST:
            test()
            print("ok", test.__name__)
    finally:
        for child in CHILDREN:
            child.kill()
            child.wait()
