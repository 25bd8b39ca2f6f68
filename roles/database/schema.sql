-- What the service keeps (DESIGN: service, 8). Numbered migrations, applied in order, each in one transaction; a released one
-- is never edited. Times are Unix seconds, hashes lower-case hex, so that SQLite and PostgreSQL read the same.

-- migration 1
CREATE TABLE situs_migration (number BIGINT NOT NULL PRIMARY KEY, at BIGINT NOT NULL);

-- The highest number that was seen of what a signer counts.
CREATE TABLE situs_seen (
    kind TEXT NOT NULL,
    anchor TEXT NOT NULL,
    subject TEXT NOT NULL,
    facility TEXT NOT NULL,
    number BIGINT NOT NULL CHECK (number > 0),
    at BIGINT NOT NULL,
    PRIMARY KEY (kind, anchor, subject, facility)
);

-- How often something changed, by what it is: other replicas read it anew.
CREATE TABLE situs_change (name TEXT NOT NULL PRIMARY KEY, value BIGINT NOT NULL);
INSERT INTO situs_change VALUES ('seen', 0);

-- The last line of each replica's audit log.
CREATE TABLE situs_audit (
    replica TEXT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL CHECK (number > 0),
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64)
);
