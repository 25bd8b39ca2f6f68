-- The fleet inventory. Numbered migrations, applied in order, each in one transaction; a released one
-- is never edited. Identifiers and hashes are lower-case hex text, times Unix seconds, so that the
-- tables are the same SQL in SQLite and PostgreSQL; only the triggers below are SQLite's form (in
-- PostgreSQL: one trigger function that raises, and no UPDATE or DELETE right on history).

-- migration 1
CREATE TABLE migration (number INTEGER PRIMARY KEY, at BIGINT NOT NULL);

-- Who did what, when. Rows are only ever added.
CREATE TABLE history (
    number BIGINT NOT NULL PRIMARY KEY CHECK (number > 0),
    at BIGINT NOT NULL,
    operator TEXT NOT NULL CHECK (operator <> ''),
    action TEXT NOT NULL,
    machine TEXT,
    detail TEXT NOT NULL
);
CREATE INDEX history_machine ON history (machine, number);

CREATE TABLE site (name TEXT NOT NULL PRIMARY KEY CHECK (name <> ''));

CREATE TABLE machine (
    name TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
    site TEXT NOT NULL REFERENCES site (name),
    status TEXT NOT NULL
        CHECK (status IN ('pending', 'enrolled', 'maintenance', 'retired', 'sold', 'lost')),
    confirmed_at BIGINT
);
CREATE INDEX machine_status ON machine (status, name);

-- Processor packages that the supply chain, or a named operator, says are in the machine.
CREATE TABLE prid (
    prid TEXT NOT NULL PRIMARY KEY CHECK (length(prid) = 32),
    machine TEXT NOT NULL REFERENCES machine (name),
    source TEXT NOT NULL CHECK (source IN ('supply', 'vouched')),
    vouched_by TEXT CHECK ((source = 'vouched') = (vouched_by IS NOT NULL))
);
CREATE INDEX prid_machine ON prid (machine);

-- Platform instances (PIIDs) over time; the one without an end is the machine's now.
CREATE TABLE instance (
    piid TEXT NOT NULL PRIMARY KEY CHECK (length(piid) = 32),
    machine TEXT NOT NULL REFERENCES machine (name),
    ppid TEXT UNIQUE CHECK (length(ppid) = 32), -- of the PCK certificate with this PIID
    manifest TEXT CHECK (length(manifest) = 64), -- SHA-256 of the Platform Manifest
    pck TEXT CHECK (length(pck) = 64),           -- SHA-256 of the newest PCK certificate
    receipt TEXT CHECK (length(receipt) = 32),   -- PPID of Intel's registration answer
    vouched_by TEXT,                             -- or the operator who vouches for the manifest
    since BIGINT NOT NULL,
    until BIGINT,
    reason TEXT CHECK ((until IS NULL) = (reason IS NULL))
);
CREATE UNIQUE INDEX instance_now ON instance (machine) WHERE until IS NULL;
CREATE INDEX instance_machine ON instance (machine);

-- The packages that an instance's manifest names.
CREATE TABLE instance_prid (
    piid TEXT NOT NULL REFERENCES instance (piid),
    prid TEXT NOT NULL CHECK (length(prid) = 32),
    PRIMARY KEY (piid, prid)
);

-- TPM endorsement keys by the SHA-256 of their public key (SubjectPublicKeyInfo, DER).
-- The counters are those of the boot whose presence was confirmed, and of the last one seen.
CREATE TABLE ek (
    ek TEXT NOT NULL PRIMARY KEY CHECK (length(ek) = 64),
    machine TEXT NOT NULL REFERENCES machine (name),
    class TEXT NOT NULL CHECK (class IN ('dtpm', 'vtpm')),
    since BIGINT NOT NULL,
    until BIGINT,
    reset_count BIGINT,
    restart_count BIGINT,
    seen_reset_count BIGINT,
    seen_restart_count BIGINT
);
CREATE INDEX ek_machine ON ek (machine);

-- Every endorsement that was signed, with its bytes (hex), and the history row that says so.
CREATE TABLE poe (
    id TEXT NOT NULL PRIMARY KEY, -- hex of its id in the CoRIM
    piid TEXT NOT NULL REFERENCES instance (piid),
    owner TEXT NOT NULL,
    not_before BIGINT NOT NULL,
    not_after BIGINT NOT NULL,
    bytes TEXT NOT NULL,
    history BIGINT NOT NULL REFERENCES history (number)
);
CREATE INDEX poe_piid ON poe (piid, not_after);

-- What the next revocation list says. Rows are only ever added.
CREATE TABLE revocation (
    kind TEXT NOT NULL CHECK (kind IN ('piid', 'ppid', 'chip_id', 'ek', 'ak_name', 'poe_id')),
    id TEXT NOT NULL,
    reason TEXT NOT NULL
        CHECK (reason IN ('retired', 'sold', 'lost', 'replaced', 'compromised')),
    at BIGINT NOT NULL,
    history BIGINT NOT NULL REFERENCES history (number),
    PRIMARY KEY (kind, id)
);

-- Numbers that only grow: of lists, and what else a signer counts.
CREATE TABLE counter (name TEXT NOT NULL PRIMARY KEY, value BIGINT NOT NULL CHECK (value > 0));

CREATE TRIGGER history_update BEFORE UPDATE ON history
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER history_delete BEFORE DELETE ON history
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER history_order BEFORE INSERT ON history
WHEN NEW.number <> (SELECT COALESCE(MAX(number), 0) + 1 FROM history)
BEGIN SELECT RAISE(ABORT, 'history has no gaps'); END;
CREATE TRIGGER revocation_update BEFORE UPDATE ON revocation
BEGIN SELECT RAISE(ABORT, 'a revocation stands'); END;
CREATE TRIGGER revocation_delete BEFORE DELETE ON revocation
BEGIN SELECT RAISE(ABORT, 'a revocation stands'); END;
CREATE TRIGGER poe_update BEFORE UPDATE ON poe
BEGIN SELECT RAISE(ABORT, 'an endorsement that was signed stands'); END;
CREATE TRIGGER poe_delete BEFORE DELETE ON poe
BEGIN SELECT RAISE(ABORT, 'an endorsement that was signed stands'); END;
CREATE TRIGGER counter_update BEFORE UPDATE ON counter WHEN NEW.value <= OLD.value
BEGIN SELECT RAISE(ABORT, 'a counter only grows'); END;
CREATE TRIGGER counter_delete BEFORE DELETE ON counter
BEGIN SELECT RAISE(ABORT, 'a counter only grows'); END;
CREATE TRIGGER instance_end BEFORE UPDATE ON instance WHEN OLD.until IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'an instance that has ended does not come back'); END;
CREATE TRIGGER instance_delete BEFORE DELETE ON instance
BEGIN SELECT RAISE(ABORT, 'an instance stays on record'); END;

-- migration 2
-- Composition manifests that were verified, with their bytes (hex). Of one serial number only the newest
-- counts; a later row is a newer one.
CREATE TABLE composition (
    sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(sha256) = 64),
    machine TEXT NOT NULL REFERENCES machine (name),
    supplier TEXT NOT NULL CHECK (supplier <> ''), -- name of the trust anchor
    serial TEXT NOT NULL CHECK (serial <> ''),
    number BIGINT NOT NULL CHECK (number > 0),
    issued BIGINT NOT NULL,
    piid TEXT CHECK (length(piid) = 32), -- when the supplier names it
    bytes TEXT NOT NULL,
    history BIGINT NOT NULL REFERENCES history (number),
    UNIQUE (supplier, serial, number)
);
CREATE INDEX composition_machine ON composition (machine, history);

CREATE TABLE composition_prid (
    sha256 TEXT NOT NULL REFERENCES composition (sha256),
    prid TEXT NOT NULL CHECK (length(prid) = 32),
    PRIMARY KEY (sha256, prid)
);

CREATE TRIGGER composition_update BEFORE UPDATE ON composition
BEGIN SELECT RAISE(ABORT, 'a composition manifest stays as it was signed'); END;
CREATE TRIGGER composition_delete BEFORE DELETE ON composition
BEGIN SELECT RAISE(ABORT, 'a composition manifest stays on record'); END;
CREATE TRIGGER composition_prid_update BEFORE UPDATE ON composition_prid
BEGIN SELECT RAISE(ABORT, 'a composition manifest stays as it was signed'); END;
CREATE TRIGGER composition_prid_delete BEFORE DELETE ON composition_prid
BEGIN SELECT RAISE(ABORT, 'a composition manifest stays on record'); END;

-- migration 3
-- The Names (TPM 2.0 part 1, 16) by which verifiers know an EK, in hex: that which the registrar saw, or
-- those of its key under the templates of the EK Credential Profile.
CREATE TABLE ek_name (
    ek TEXT NOT NULL REFERENCES ek (ek),
    name TEXT NOT NULL CHECK (length(name) IN (68, 100)),
    PRIMARY KEY (ek, name)
);

-- A machine has one EK in use. Until now it could have several, of which the newest was meant.
UPDATE ek SET until = (SELECT MAX(n.since) FROM ek n WHERE n.machine = ek.machine)
WHERE until IS NULL AND ek <> (SELECT n.ek FROM ek n WHERE n.machine = ek.machine AND n.until IS NULL
    ORDER BY n.since DESC, n.ek LIMIT 1);
CREATE UNIQUE INDEX ek_now ON ek (machine) WHERE until IS NULL;
ALTER TABLE ek ADD COLUMN confirmed_at BIGINT; -- when somebody saw the confirmed boot

CREATE TRIGGER ek_end BEFORE UPDATE ON ek WHEN OLD.until IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'an EK that has ended does not come back'); END;
CREATE TRIGGER ek_delete BEFORE DELETE ON ek
BEGIN SELECT RAISE(ABORT, 'an EK stays on record'); END;

-- The newest date of the history is asked at each change.
CREATE INDEX history_at ON history (at);

-- migration 4
-- In whose name is signed: the owner of all machines, of those of a site, or of one; the issuer.
CREATE TABLE naming (
    what TEXT NOT NULL CHECK (what IN ('owner', 'issuer')),
    site TEXT NOT NULL,    -- empty: not of a site alone
    machine TEXT NOT NULL, -- empty: not of a machine alone
    name TEXT NOT NULL CHECK (name <> ''),
    PRIMARY KEY (what, site, machine)
);

-- Digests against damage (store_seal.h): a row of the history has one over it and the row before; rows of
-- an older situs have none. 'rows' is the sum of the digests of all rows of all other tables, kept by
-- triggers, 'schema' that of the tables and triggers themselves.
ALTER TABLE history ADD COLUMN digest TEXT NOT NULL DEFAULT '';
CREATE TABLE seal (name TEXT NOT NULL PRIMARY KEY, digest TEXT NOT NULL);
