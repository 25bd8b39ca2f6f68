"""A machine of the lab that the service watches, on SQLite and on PostgreSQL: asked by itself, told on the inner socket, and
what was told outlives the keeper."""
import json
import os
import re
import signal
import sqlite3
import subprocess
import tempfile

import test_serve_lab as lab
from postgres import FOUND, Postgres
from serve_run import PLAIN, SITUS, Service, until

channel = lab.channel


def ak_name():
    """Of the lab's cloud machine, by its own evidence."""
    bundle = channel.HERE / "own.cmw"
    nonce = "11" * 32
    subprocess.run([SITUS, "attest", "--nonce", nonce, "-o", bundle, *lab.sources("cloud")], env=PLAIN, check=True,
                   capture_output=True)
    home = channel.HERE / "lab"
    done = subprocess.run([SITUS, "verify", bundle, "--nonce", nonce, "--json", "--policy", home / "policy-managed.json", "--trust",
                           home / "trust.json", "--collateral", home / "collateral.json", "--endorsement", home / "provider.crl"],
                          env=PLAIN, check=True, capture_output=True)
    return re.search(rb'"tpm.guest.ak_name": ?"([0-9a-f]+)"', done.stdout)[1].decode()


def watch(address, folder, place, **machine):
    return {**lab.configuration(), "listen_private": "127.0.0.1:0", "store": place,
            "connect": {"targets": [address], "every_ms": 0, "networks": ["127.0.0.0/8"]},
            "watch": {"mark": folder + "/mark", "machines": {
                "cloud-1": {"policy": lab.NAME, "target": address, "within_seconds": 600, **machine}}}}


def told(s, path=""):
    status, text = s.ask("GET", "/v1/machines/cloud-1" + path, inside=True)
    return json.loads(text) if status == 200 else {}


def databases():
    """(place, sql) of each kind."""
    folder = tempfile.mkdtemp(dir=channel.HERE)

    def ask(text):
        with sqlite3.connect(folder + "/store", timeout=60) as db:
            return "\n".join("|".join(map(str, row)) for row in db.execute(text).fetchall())
    yield {"sqlite": folder + "/store"}, ask
    if FOUND:
        server = Postgres()
        try:
            yield {"postgresql": server.database("watch")}, lambda text: server.sql(text, "watch").strip()
        finally:
            server.stop()


def a_machine_is_watched_and_what_was_told_outlives_the_keeper():
    name = ak_name()
    for place, sql in databases():
        folder = tempfile.mkdtemp(dir=channel.HERE)
        with channel.Attester() as a, Service(folder, watch(a.address, folder, place, ak_name=name)) as s:
            was = until(lambda: (m := told(s)).get("state") == "live" and m)
            assert was["span"]["number"] == 1 and was["known_by"]["ak_name"] == name, was
            assert s.ask("GET", "/v1/machines/cloud-1")[0] == 404  # not for the world
            assert s.ask("GET", "/v1/machines/cloud-2", inside=True)[0] == 404
            assert [(e["event"], e["nth"]) for e in told(s, "/events")["events"]] == [("began", 1)]
            assert told(s, "/events")["count"] == 1 and was["observed"], was
            assert told(s, "/events?after=1")["events"] == [] and not told(s, "/events?after=1")["more"]
            assert sql("SELECT machine, span, gap_ms FROM situs_observation") == "cloud-1|1|0"
            assert sql("SELECT answers FROM situs_hour") == "1"
            os.kill(s.pids()["situs-keeper"], signal.SIGKILL)
            m = until(lambda: (m := told(s)).get("state") in ("late", "live") and m)
            assert m["span"]["since"] == was["span"]["since"], m
            until(lambda: told(s).get("state") == "live")  # it is asked at once
            assert sql("SELECT span, reason FROM situs_span") == "1|none"
        # A mark that is ahead: the database is a copy of before.
        with open(folder + "/mark", "w") as f:
            f.write("99 99\n")
        with channel.Attester() as a, Service(folder, watch(a.address, folder, place, ak_name=name)) as s:
            m = until(lambda: (m := told(s)).get("state") == "broken" and m)
            assert (m["reason"], m["whose"]) == ("verifier-restored", "verifier"), m
            events = told(s, "/events")["events"]
            assert [(e["number"], e["nth"], e["event"]) for e in events] == [(1, 1, "began"), (100, 2, "broken")], events
            assert told(s, "/events")["count"] == 2
            s.write({**watch(a.address, folder, place, ak_name=name), "watch": {"mark": folder + "/mark", "machines": {
                "other": {"policy": lab.NAME, "target": a.address, "ak_name": name}}}})
            s.reload()
            until(lambda: s.ask("GET", "/v1/machines/other", inside=True)[0] == 200)
            assert s.ask("GET", "/v1/machines/cloud-1", inside=True)[0] == 404


def another_machine_is_not_the_one_that_is_watched():
    folder = tempfile.mkdtemp(dir=channel.HERE)
    with channel.Attester() as a:
        configuration = watch(a.address, folder, {"sqlite": folder + "/store"}, ak_name="000b" + "00" * 32)
        with Service(folder, configuration) as s:
            m = until(lambda: (m := told(s)).get("others_answers") and m)
            assert m["state"] == "new" and "span" not in m, m


def a_policy_asks_that_it_is_watched():
    """Whoever asks about it is told the span; of a machine that nobody watches it is no."""
    folder, lab_of = tempfile.mkdtemp(dir=channel.HERE), channel.HERE / "lab"
    policy = json.loads((lab_of / "policy-managed.json").read_text())
    policy["require"].append("continuous")
    policy["fresh.continuity"] = {"max_gap_seconds": 600}
    with open(folder + "/policy.json", "w") as f:
        json.dump(policy, f)
    with channel.Attester() as a:
        c = watch(a.address, folder, {"sqlite": folder + "/store"}, ak_name=ak_name())
        c["policies"][lab.NAME]["policy"] = folder + "/policy.json"
        alone = {key: value for key, value in c.items() if key != "watch"}

        def asked(s):
            status, text = s.ask("POST", "/v1/connect", json.dumps({"target": a.address}).encode(), inside=True)
            assert status == 200, text
            return json.loads(text)
        with Service(folder, c) as s:
            until(lambda: told(s).get("state") == "live")
            was = asked(s)
            assert was["verdict"] == "trusted" and was["proofs"]["continuous"]["holds"], was
            assert was["continuity"]["within_ms"] == 600000 and "watched without a gap" in was["sentence"], was
            assert told(s)["span"]["answers"] >= 1 and [e["event"] for e in told(s, "/events")["events"]] == ["began"]
        with Service(folder, alone) as s:
            was = asked(s)
            assert was["verdict"] == "refused" and was["continuity"] is None, was
            assert [c["id"] for c in was["checks"] if c["refuses"]] == ["fresh.continuity"], was


if __name__ == "__main__":
    channel.main([a_policy_asks_that_it_is_watched, a_machine_is_watched_and_what_was_told_outlives_the_keeper,
                  another_machine_is_not_the_one_that_is_watched])
