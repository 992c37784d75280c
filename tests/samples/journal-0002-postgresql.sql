-- The tables of a journal of revision 0002, as czar made them in PostgreSQL; journal-0002.sql has rows for them.
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE actions (
    id BIGSERIAL NOT NULL,
    key VARCHAR NOT NULL,
    item VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    body BYTEA NOT NULL,
    seq BIGINT NOT NULL,
    state VARCHAR NOT NULL,
    doubt BOOLEAN NOT NULL,
    tries INTEGER NOT NULL,
    next_try BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    settled BIGINT,
    PRIMARY KEY (id),
    UNIQUE (key)
);
CREATE INDEX actions_item ON actions (item);
CREATE INDEX actions_state ON actions (state, next_try);
CREATE TABLE arrangements (
    key VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    person VARCHAR NOT NULL,
    other VARCHAR NOT NULL,
    team VARCHAR NOT NULL,
    duty VARCHAR NOT NULL,
    first VARCHAR,
    last VARCHAR,
    ended BOOLEAN NOT NULL,
    at BIGINT NOT NULL,
    item VARCHAR NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (key)
);
CREATE TABLE cases (
    id BIGSERIAL NOT NULL,
    key VARCHAR NOT NULL,
    item VARCHAR NOT NULL,
    repo VARCHAR NOT NULL,
    slot VARCHAR NOT NULL,
    duty VARCHAR NOT NULL,
    team VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    person VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    "end" VARCHAR NOT NULL,
    because TEXT NOT NULL,
    observed BOOLEAN NOT NULL,
    opened BIGINT NOT NULL,
    as_ VARCHAR DEFAULT 'reviewer' NOT NULL,
    times INTEGER DEFAULT '1' NOT NULL,
    added BOOLEAN DEFAULT false NOT NULL,
    ladder VARCHAR DEFAULT '' NOT NULL,
    began BIGINT,
    paused BIGINT,
    due BIGINT,
    step INTEGER NOT NULL,
    topic VARCHAR DEFAULT '' NOT NULL,
    owner VARCHAR DEFAULT '' NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (key)
);
CREATE INDEX cases_due ON cases (due);
CREATE INDEX cases_item ON cases (item);
CREATE INDEX cases_opened ON cases (opened);
CREATE INDEX cases_state ON cases (state);
CREATE TABLE connections (
    id SERIAL NOT NULL,
    source VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    heard BIGINT DEFAULT '0' NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (source, name)
);
CREATE TABLE counters (
    name VARCHAR NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE decisions (
    seq BIGINT NOT NULL,
    item VARCHAR NOT NULL,
    event VARCHAR NOT NULL,
    at BIGINT NOT NULL,
    detail BYTEA,
    PRIMARY KEY (seq)
);
CREATE INDEX decisions_item ON decisions (item);
CREATE TABLE declined (
    item VARCHAR NOT NULL,
    person VARCHAR NOT NULL,
    how VARCHAR NOT NULL,
    because TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (item, person)
);
CREATE TABLE dictionaries (
    id BIGINT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE heard (
    seq BIGSERIAL NOT NULL,
    connection INTEGER NOT NULL,
    sequence BIGINT NOT NULL,
    at BIGINT NOT NULL,
    raw BYTEA,
    PRIMARY KEY (seq)
);
CREATE TABLE marks (
    name VARCHAR NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE messages_read (
    message VARCHAR NOT NULL,
    item VARCHAR NOT NULL,
    person VARCHAR NOT NULL,
    at BIGINT NOT NULL,
    replied BOOLEAN NOT NULL,
    PRIMARY KEY (message)
);
CREATE INDEX messages_read_at ON messages_read (at);
CREATE INDEX messages_read_item ON messages_read (item);
CREATE TABLE pauses (
    scope VARCHAR NOT NULL,
    because TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (scope)
);
CREATE TABLE quarantine (
    seq BIGINT NOT NULL,
    because TEXT NOT NULL,
    PRIMARY KEY (seq)
);
CREATE TABLE waiting (
    seq BIGINT NOT NULL,
    item VARCHAR NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (seq)
);
