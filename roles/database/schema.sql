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

-- migration 2
-- epoch: how many keepers began to watch; event: the number of the last event. The highest of both are in a file, too.
INSERT INTO situs_change VALUES ('epoch', 0), ('event', 0);

-- A watched machine (roles/continuity/continuity.h: struct continuity_row). Who holds a row wrote this epoch into it.
-- identity is what the operator says of it; boot the one whose steady clock issued_ms is of; proofs
-- those that held in each answer of the span, a blank after each.
CREATE TABLE situs_machine (
    name TEXT NOT NULL PRIMARY KEY,
    replica TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    identity TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    began TEXT NOT NULL,
    span BIGINT NOT NULL,
    since_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    broken_at BIGINT NOT NULL,
    alarm_at BIGINT NOT NULL,
    longest_gap_ms BIGINT NOT NULL,
    answers BIGINT NOT NULL,
    noise BIGINT NOT NULL,
    boot TEXT NOT NULL,
    issued_ms BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    ak_name TEXT NOT NULL,
    ek_name TEXT NOT NULL,
    platform TEXT NOT NULL,
    launch TEXT NOT NULL,
    channel_sha256 TEXT NOT NULL,
    word_at BIGINT NOT NULL,
    clock_ms BIGINT NOT NULL,
    reset_count BIGINT NOT NULL,
    restart_count BIGINT NOT NULL,
    proofs TEXT NOT NULL
);
CREATE INDEX situs_machine_replica ON situs_machine (replica);

-- Kept for ever: every span, ended_at 0 while it goes on, and every event.
CREATE TABLE situs_span (
    machine TEXT NOT NULL,
    span BIGINT NOT NULL,
    began TEXT NOT NULL,
    since_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    longest_gap_ms BIGINT NOT NULL,
    answers BIGINT NOT NULL,
    PRIMARY KEY (machine, span)
);
CREATE TABLE situs_event (
    number BIGINT NOT NULL PRIMARY KEY,
    machine TEXT NOT NULL,
    at BIGINT NOT NULL,
    event TEXT NOT NULL,
    reason TEXT NOT NULL,
    span BIGINT NOT NULL
);
CREATE INDEX situs_event_machine ON situs_event (machine, number);

-- Good answers: each for a day, hours for a month.
CREATE TABLE situs_observation (
    machine TEXT NOT NULL,
    at BIGINT NOT NULL,
    span BIGINT NOT NULL,
    gap_ms BIGINT NOT NULL
);
CREATE INDEX situs_observation_at ON situs_observation (at);
CREATE TABLE situs_hour (
    machine TEXT NOT NULL,
    hour BIGINT NOT NULL,
    span BIGINT NOT NULL,
    answers BIGINT NOT NULL,
    longest_gap_ms BIGINT NOT NULL,
    PRIMARY KEY (machine, hour, span)
);
CREATE INDEX situs_hour_hour ON situs_hour (hour);

-- migration 3
-- Reports that somebody wanted kept, as they were answered.
CREATE TABLE situs_report (
    sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(sha256) = 64),
    at BIGINT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX situs_report_at ON situs_report (at);

-- migration 4
-- nth: events of a machine count from 1 without a gap, so that a lost one is missed; the last of them in situs_change.
ALTER TABLE situs_event ADD COLUMN nth BIGINT NOT NULL DEFAULT 0;
UPDATE situs_event SET nth = (SELECT COUNT(*) FROM situs_event AS e
    WHERE e.machine = situs_event.machine AND e.number <= situs_event.number);
INSERT INTO situs_change SELECT 'events of ' || machine, COUNT(*) FROM situs_event GROUP BY machine;

-- migration 5
-- Events that a webhook was not handed yet.
CREATE TABLE situs_hook (
    hook TEXT NOT NULL,
    replica TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (hook, replica, number)
);
