"""The service and a guest of the lab: a challenge, the guest's evidence for it, the verdict and the token."""
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "roles"))
import channel  # noqa: E402
from serve_run import BOUND, PLAIN, SITUS, Service  # noqa: E402

NAME = "simulated-managed"


def configuration():
    lab = channel.HERE / "lab"
    key = channel.HERE / "issuer.key"
    subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key],
                   check=True, capture_output=True)
    return {"listen": "127.0.0.1:0", "base": "https://verifier.example", "default": NAME,
            "policies": {NAME: {"policy": str(lab / "policy-managed.json"), "trust": str(lab / "trust.json"),
                                "collateral": [str(lab / "collateral.json")],
                                "endorsements": [str(lab / "provider.crl")],
                                "key": str(key), "audience": "https://api.example"}},
            "audit": {"file": str(channel.HERE / "audit.log")},
            "deadlines": {"judge_ms": 60000, "request_ms": 60000}}


def sources(machine):
    """Where a machine of the lab has its evidence from, as words for attest."""
    words = re.search(rf"attest --nonce \$nonce -o {machine}.cmw(.*?)\n    \S+ verify", channel.LAB.said, re.S)[1]
    return words.replace("\\\n", " ").split()


def evidence(nonce, words=None):
    """What the cloud machine of the lab answers, or one with other sources."""
    bundle = channel.HERE / "bundle"
    subprocess.run([SITUS, "attest", "--nonce=" + base64.urlsafe_b64encode(nonce).decode().rstrip("="), "-o", bundle, *(words or sources("cloud"))],
                   env=PLAIN, check=True, capture_output=True, timeout=BOUND)
    return base64.b64encode(bundle.read_bytes()).decode()


def bytes_of(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def challenge(s, **members):
    status, c = s.post("/v1/challenge", **members)
    assert status == 200, c
    return c["session"], bytes_of(c["nonce"])


def service():
    return Service(tempfile.mkdtemp(dir=channel.HERE), configuration())


def a_guest_that_answers_its_challenge_is_trusted():
    with service() as s:
        for size in (32, 48):
            session, nonce = challenge(s, size=size)
            status, report = s.post("/v1/verify", session=session, evidence=evidence(nonce))
            assert (status, report["exit"], len(nonce)) == (200, 0, size), report
            assert report["proofs"]["bound"]["holds"] and report["simulated"], report


def evidence_for_another_challenge_is_refused():
    with service() as s:
        other = evidence(challenge(s)[1])
        session, _ = challenge(s)
        status, report = s.post("/v1/verify", session=session, evidence=other)
        assert status == 200 and report["exit"] != 0 and not report["proofs"]["live"]["holds"], report
        status, report = s.post("/v1/verify", evidence=other)  # archived: of no challenge
        assert status == 200 and report["exit"] != 0 and not report["proofs"]["live"]["holds"], report


def a_token_says_it_and_a_lab_s_never_affirms():
    with service() as s:
        session, nonce = challenge(s)
        body = json.dumps({"session": session, "evidence": evidence(nonce)})
        status, token = s.ask("POST", "/v1/verify", body, "application/eat+jwt")
        assert status == 200, token
        claims = json.loads(bytes_of(token.decode().split(".")[1]))
        assert claims["iss"] == f"https://verifier.example/p/{NAME}", claims
        assert claims["aud"] == "https://api.example" and "affirming" not in json.dumps(claims), claims
        line = json.loads((channel.HERE / "audit.log").read_text().splitlines()[-1])
        assert (line["jti"], line["verdict"], line["judges"], line["simulated"]) == (claims["jti"], "yes", 2, True), line
        assert (claims["situs_judges"], claims["situs_builds"]) == (2, 2), claims  # and situs-judge is one of them:
        program = os.readlink(f"/proc/{s.pids()['situs-nursery2']}/exe")
        assert os.path.basename(program) == "situs-judge", program
        assert line["policy_sha256"] == claims["situs_policy"] and "bound" in line["proofs"], line
        status, keys = s.ask("GET", f"/p/{NAME}/.well-known/jwks.json")
        header = json.loads(bytes_of(token.decode().split(".")[0]))
        assert status == 200 and header["kid"] in [k["kid"] for k in json.loads(keys)["keys"]], keys
        status, _ = s.ask("POST", "/v1/verify", json.dumps({"evidence": base64.b64encode(b"x").decode()}),
                          "application/eat+jwt")
        assert status == 406, status
        status, said = s.ask("GET", "/v1/token/check", bearer=token.decode())
        assert (status, said) == (403, b""), said  # it is in order, and whose key it is nobody said


def an_attester_of_the_configuration_is_asked():
    """For the key of its handshake, with the round trip; at an address of which the configuration says nothing, it is not."""
    with channel.Attester() as a:
        for networks, want in ({"networks": ["127.0.0.0/8"]}, 200), ({}, 502):
            more = {"listen_private": "127.0.0.1:0", "connect": {"targets": [a.address], "every_ms": 0, **networks}}
            with Service(tempfile.mkdtemp(dir=channel.HERE), {**configuration(), **more}) as s:
                body = json.dumps({"target": a.address})
                status, said = s.ask("POST", "/v1/connect", body, inside=True)
                report = json.loads(said)
                assert status == want, report
                if want == 200:
                    assert report["exit"] == 0 and report["proofs"]["bound"]["holds"], report
                    assert report["round_trip_us"] > 0 and report["channel_sha256"], report
                    status, token = s.ask("POST", "/v1/connect", body, "application/eat+jwt", inside=True)
                    assert status == 200 and token.count(b".") == 2, token


def get_jwt(servers, quote, need):
    """What the alliance's get_jwt_token.sh does: a nonce of each of so many servers, then one after the other is asked with all
    of them, until one answers with the token (proofofcloud/trust-server)."""
    nonces, at, sigs = {}, {}, {}
    for s in servers:
        status, said = s.post("/get_jwt", "*/*", quote=quote)
        if status == 200 and said.get("moniker") and said.get("nonce") and said["moniker"] not in nonces:
            nonces[said["moniker"]], at[said["moniker"]] = said["nonce"], s
        if len(nonces) == need:
            break
    else:
        return None
    for moniker in sorted(nonces):
        status, said = at[moniker].post("/get_jwt", "*/*", quote=quote, nonces=nonces, **({"partial_sigs": sigs} if sigs else {}))
        assert status == 200, said
        if said.get("jwt"):
            return said
        sigs.update(said)
    return None


def the_alliance_s_clients_are_answered():
    """By a trust file that does not call the lab simulated: a simulated machine is on no list."""
    lab, folder = channel.HERE / "lab", channel.HERE / "alliance"
    folder.mkdir()
    (folder / "bundle").write_bytes(base64.b64decode(evidence(bytes(range(32)))))
    subprocess.run([SITUS, "unpack", "bundle", "--item", "tdx", "-o", "quote"], cwd=folder, env=PLAIN, check=True, capture_output=True)
    quote = (folder / "quote").read_bytes()
    words = {name: json.loads((lab / name).read_text()) for name in ("trust.json", "policy-managed.json")}
    for anchor in words["trust.json"]["anchors"]:
        anchor.pop("simulated", None)
    words["policy"] = {"require": ["genuine"], "list.signature": {"sources": ["alliance-csv"]}}
    base = configuration()
    key = base["policies"][NAME].pop("key")
    (folder / "trust").write_text(json.dumps(words["trust.json"]))
    (folder / "policy").write_text(json.dumps(words["policy"]))
    (folder / "list").write_text("# nobody\n" + "0" * 32 + ",nobody\n")
    base["default"] = "poc"
    base["policies"] = {"poc": {"policy": str(folder / "policy"), "trust": str(folder / "trust"),
                                "collateral": [str(lab / "collateral.json")], "endorsements": [str(folder / "list")]}}
    base["alliance"] = {"policy": "poc", "key": key, "audience": "https://api.example", "moniker": "one"}
    with Service(tempfile.mkdtemp(dir=channel.HERE), base) as s:
        assert "situs-nursery2" in s.pids()  # though no policy has a key
        assert get_jwt([s], quote.hex(), 1) is None
        status, said = s.post("/get_jwt", quote=quote.hex())
        assert (status, said["type"]) == (403, "urn:situs:problem:not-listed"), said
        status, said = s.post("/check_quote", quote=quote.hex())
        assert status == 200 and said["whitelisted"] is False, said
        (folder / "list").write_text(said["machine_id"].upper() + ",hall 4\n")
        s.reload()
        said = get_jwt([s], quote.hex(), 1)
        claims = json.loads(bytes_of(said["jwt"].split(".")[1]))
        assert claims["quote_hash"] == hashlib.sha256(quote).hexdigest() and claims["machine_id"] == said["machineId"], claims
        assert claims["label"] == said["label"] == "hall 4" and claims["exp"] - claims["iat"] <= 600, claims
        assert json.loads(bytes_of(said["jwt"].split(".")[0]))["typ"] == "situs-alliance+jwt"
        status, holds = s.post("/verify_token", quote=quote.hex(), jwt=said["jwt"])
        assert status == 200 and holds["valid"] is True and holds["label"] == "hall 4", holds
        status, no = s.post("/verify_token", quote=quote.hex() + "00", jwt=said["jwt"])
        assert (status, no["field"]) == (403, "quote_hash"), no
        line = json.loads((channel.HERE / "audit.log").read_text().splitlines()[-1])
        assert line["jti"] == claims["jti"] and line["archived"], line
        bent = bytearray(quote)
        bent[200] ^= 1
        status, no = s.post("/check_quote", quote=bent.hex())
        assert (status, no["type"]) == (422, "urn:situs:problem:not-genuine"), no


if __name__ == "__main__":
    channel.main([a_guest_that_answers_its_challenge_is_trusted, evidence_for_another_challenge_is_refused,
                  a_token_says_it_and_a_lab_s_never_affirms, an_attester_of_the_configuration_is_asked,
                  the_alliance_s_clients_are_answered])
