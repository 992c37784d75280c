-- A journal of revision 0002 in SQLite: three changes of nova, one of them handed over. Dumped on 2026-11-23.
BEGIN TRANSACTION;
CREATE TABLE actions (
	id INTEGER NOT NULL,
	"key" VARCHAR NOT NULL,
	item VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	body BLOB NOT NULL,
	seq BIGINT NOT NULL,
	state VARCHAR NOT NULL,
	doubt BOOLEAN NOT NULL,
	tries INTEGER NOT NULL,
	next_try BIGINT NOT NULL,
	outcome TEXT NOT NULL,
	settled BIGINT,
	PRIMARY KEY (id),
	UNIQUE ("key")
);
INSERT INTO "actions" VALUES(1, 'AddReviewer:gerrit:1/release/ann', 'gerrit:1', 'AddReviewer', CAST('{"item":"gerrit:1","repo":"openstack/nova","key":"AddReviewer:gerrit:1/release/ann","person":"ann","account":"id-of-ann","cc":false}' AS BLOB), 1, 'done', 0, 1, 1772600767000000, 'done', 1772600767000000);
INSERT INTO "actions" VALUES(2, 'Comment:gerrit:1/release/ann', 'gerrit:1', 'Comment', CAST('{"item":"gerrit:1","repo":"openstack/nova","key":"Comment:gerrit:1/release/ann","text":"ann is asked to review this change as release czar of nova: ann is first in line for release (rule ask-release).\n\nNot yours? Reply with a line “czar: decline”, or remove yourself, and the next in line is asked. Later? “czar: snooze 3d”. Less of this? “czar: quiet” or “czar: optout”.\nWho else was considered, and why not: reply “czar: explain”, or see czar explain gerrit:1","tell":["id-of-ann"]}' AS BLOB), 1, 'done', 0, 1, 1772600767000000, 'done', 1772600767000000);
INSERT INTO "actions" VALUES(3, 'AddReviewer:gerrit:2/release/ann', 'gerrit:2', 'AddReviewer', CAST('{"item":"gerrit:2","repo":"openstack/nova","key":"AddReviewer:gerrit:2/release/ann","person":"ann","account":"id-of-ann","cc":false}' AS BLOB), 2, 'done', 0, 1, 1772600767000000, 'done', 1772600767000000);
INSERT INTO "actions" VALUES(4, 'Comment:gerrit:2/release/ann', 'gerrit:2', 'Comment', CAST('{"item":"gerrit:2","repo":"openstack/nova","key":"Comment:gerrit:2/release/ann","text":"ann is asked to review this change as release czar of nova: ann is first in line for release (rule ask-release).\n\nNot yours? Reply with a line “czar: decline”, or remove yourself, and the next in line is asked. Later? “czar: snooze 3d”. Less of this? “czar: quiet” or “czar: optout”.\nWho else was considered, and why not: reply “czar: explain”, or see czar explain gerrit:2","tell":["id-of-ann"]}' AS BLOB), 2, 'done', 0, 1, 1772600767000000, 'done', 1772600767000000);
INSERT INTO "actions" VALUES(5, 'RemoveReviewer:gerrit:1/release/ann', 'gerrit:1', 'RemoveReviewer', CAST('{"item":"gerrit:1","repo":"openstack/nova","key":"RemoveReviewer:gerrit:1/release/ann","person":"ann","account":"id-of-ann"}' AS BLOB), 4, 'pending', 0, 0, 1772604367000000, '', NULL);
INSERT INTO "actions" VALUES(6, 'Notify:gerrit:1/release/bob', 'gerrit:1', 'Notify', CAST('{"item":"gerrit:1","repo":"openstack/nova","key":"Notify:gerrit:1/release/bob","person":"bob","reason":"reminder","text":"it waits for you","digest":false,"case":"gerrit:1/release/bob"}' AS BLOB), 4, 'pending', 0, 0, 1772604367000000, '', NULL);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE arrangements (
	"key" VARCHAR NOT NULL,
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
	PRIMARY KEY ("key")
);
INSERT INTO "arrangements" VALUES('away/ann///2026-03-04', 'away', 'ann', '', '', '', '2026-03-04', '2026-03-07', 0, 1772604367000000, 'gerrit:1', 4);
CREATE TABLE cases (
	id INTEGER NOT NULL,
	"key" VARCHAR NOT NULL,
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
	added BOOLEAN DEFAULT 0 NOT NULL,
	ladder VARCHAR DEFAULT '' NOT NULL,
	began BIGINT,
	paused BIGINT,
	due BIGINT,
	step INTEGER NOT NULL,
	topic VARCHAR DEFAULT '' NOT NULL,
	owner VARCHAR DEFAULT '' NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE ("key")
);
INSERT INTO "cases" VALUES(1, 'gerrit:1/release/ann', 'gerrit:1', 'openstack/nova', 'release', 'release', 'nova', 'ask-release', 'ann', 'czar', 'closed', 'reassigned', 'ann is away; bob is asked instead', 0, 1772600767000000, 'reviewer', 1, 0, '', 1772600767000000, NULL, NULL, 0, '', 'id-of-dev', 4);
INSERT INTO "cases" VALUES(2, 'gerrit:2/release/ann', 'gerrit:2', 'openstack/nova', 'release', 'release', 'nova', 'ask-release', 'ann', 'czar', 'closed', 'merged', 'the change was merged', 0, 1772600767000000, 'reviewer', 1, 0, '', 1772600767000000, NULL, NULL, 0, '', 'id-of-dev', 3);
INSERT INTO "cases" VALUES(3, 'gerrit:1/release/bob', 'gerrit:1', 'openstack/nova', 'release', 'release', 'nova', 'ask-release', 'bob', 'czar', 'open', '', 'is next in line for release', 0, 1772604367000000, 'reviewer', 1, 0, 'review', 1772604367000000, NULL, 1772777167000000, 0, '', '', 4);
CREATE TABLE connections (
	id INTEGER NOT NULL,
	source VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	heard BIGINT DEFAULT '0' NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (source, name)
);
INSERT INTO "connections" VALUES(1, 'gerrit-stream', 'one', 3);
INSERT INTO "connections" VALUES(2, 'gerrit-stream', 'two', 1);
CREATE TABLE counters (
	name VARCHAR NOT NULL,
	value BIGINT NOT NULL,
	PRIMARY KEY (name)
);
INSERT INTO "counters" VALUES('decided', 3);
INSERT INTO "counters" VALUES('ignored', 1);
CREATE TABLE decisions (
	seq INTEGER NOT NULL,
	item VARCHAR NOT NULL,
	event VARCHAR NOT NULL,
	at BIGINT NOT NULL,
	detail BLOB,
	PRIMARY KEY (seq)
);
INSERT INTO "decisions" VALUES(1, 'gerrit:1', 'PatchsetCreated', 1772600767000000, CAST('{"verdicts":[{"rule":"ask-release","slot":"release","outcome":"ask","because":"ann is first in line for release","team":"nova","people":["ann"],"candidates":[{"person":"ann","role":"czar","code":"","because":"is first in line for release","picked":true},{"person":"bob","role":"czar","code":"","because":"is next in line for release; somebody stands before","picked":false}],"served":false}],"passed":[],"facts":{"change":{"repo":"openstack/nova","branch":"master","status":"NEW","patch_set":1,"revision":"c0ffee","subject":"","message":"","topic":"","hashtags":[],"wip":false,"private":false,"size":0,"created":null,"owner":"id-of-dev","owner_names":[],"authors":[],"files":[],"reviewers":[],"ccs":[],"removed":{},"attention":[],"attention_since":{},"votes":[],"cherry_pick_of":null,"related":[],"messages":[],"lines":null},"accounts":{"ann":"id-of-ann","bob":"id-of-bob"},"turns":{"ann":[],"bob":[]},"seen":"2026-03-04T05:06:07Z"},"version":"","revision":"","notes":[]}' AS BLOB));
INSERT INTO "decisions" VALUES(2, 'gerrit:2', 'PatchsetCreated', 1772600767000000, CAST('{"verdicts":[{"rule":"ask-release","slot":"release","outcome":"ask","because":"ann is first in line for release","team":"nova","people":["ann"],"candidates":[{"person":"ann","role":"czar","code":"","because":"is first in line for release","picked":true},{"person":"bob","role":"czar","code":"","because":"is next in line for release; somebody stands before","picked":false}],"served":false}],"passed":[],"facts":{"change":{"repo":"openstack/nova","branch":"master","status":"NEW","patch_set":1,"revision":"c0ffee","subject":"","message":"","topic":"","hashtags":[],"wip":false,"private":false,"size":0,"created":null,"owner":"id-of-dev","owner_names":[],"authors":[],"files":[],"reviewers":[],"ccs":[],"removed":{},"attention":[],"attention_since":{},"votes":[],"cherry_pick_of":null,"related":[],"messages":[],"lines":null},"accounts":{"ann":"id-of-ann","bob":"id-of-bob"},"turns":{"ann":[],"bob":[]},"seen":"2026-03-04T05:06:07Z"},"version":"","revision":"","notes":[]}' AS BLOB));
INSERT INTO "decisions" VALUES(3, 'gerrit:2', 'ChangeMerged', 1772604367000000, NULL);
INSERT INTO "decisions" VALUES(4, 'gerrit:1', 'Tick', 1772604367000000, CAST('{"verdicts":[{"rule":"ask-release","slot":"release","outcome":"ask","because":"is first","team":"","people":["ann"],"candidates":[],"served":false}],"passed":[],"facts":{"change":{"repo":"openstack/nova","branch":"master","status":"NEW","patch_set":1,"revision":"c0ffee","subject":"","message":"","topic":"","hashtags":[],"wip":false,"private":false,"size":0,"created":null,"owner":"id-of-dev","owner_names":[],"authors":[],"files":null,"reviewers":[],"ccs":[],"removed":{},"attention":[],"attention_since":{},"votes":[],"cherry_pick_of":null,"related":null,"messages":null,"lines":null},"accounts":{"ann":"id-of-ann","bob":"id-of-bob"},"turns":null,"seen":"2026-03-04T05:06:07Z"},"version":"","revision":"","notes":["release: ann is away; bob is asked instead"]}' AS BLOB));
CREATE TABLE declined (
	item VARCHAR NOT NULL,
	person VARCHAR NOT NULL,
	how VARCHAR NOT NULL,
	because TEXT NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (item, person)
);
INSERT INTO "declined" VALUES('gerrit:1', 'ann', 'reassigned', 'is away', 1772604367000000);
CREATE TABLE dictionaries (
	id BIGINT NOT NULL,
	content BLOB NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE heard (
	seq INTEGER NOT NULL,
	connection INTEGER NOT NULL,
	sequence BIGINT NOT NULL,
	at BIGINT NOT NULL,
	raw BLOB,
	PRIMARY KEY (seq)
);
INSERT INTO "heard" VALUES(1, 1, 0, 1772600767000000, X'28B52FFD601C00E50500028D2720504B9C032583FD949E90B0A3FD08F909986D9A37F1CE75AB191E9CC8CCCC70023126CA98D63851F48F4014CA99BC6C798B73078F806274C2B180336D29C309984597F364E9BABFC6CF2E3027B261E04C4E1627B23B7CBA9CC98A5A750727B23A6C051494C2B76FCC990CD513986B4E6464B2FB6135EB27939F5855941321075214C700821899BC070570EFDC899C1CEA9D02807F8A82DA9CC96F0DD04F0900C9517BC50E047187A2C96B26C9E4DB00999CCA846B38C32403');
INSERT INTO "heard" VALUES(2, 1, 1, 1772600767000000, X'28B52FFD601C00FD0500424D282050699C0325DDCCF6FE2661A9DF11F9A4CC449A8B7DEBC35974D480139999194E3126CA98D63851F4AF5018CA99BC6C798B73E74407780314A3178E019C694B152EC02CBA9C274BD7FD357E368139910F026772B23891DDE1D3E54C56D4AA4B3891D5611B80A014BE7D63CE64A87EC05C73A22393DD13AB593F99FCC5AAA29C08412086813810E490C95B3000F7CE9DC8C9A1DE2903FC5314D4E64C7E5B807E02090091A37EC51404D186A2716BC691C9CB00D99DCA846638D82403');
INSERT INTO "heard" VALUES(3, 1, 0, 1772604367000000, X'28B52FFD20EA3D0500924B2420604BD401E0B6D156CA255B461DDC1EB31A4D9E11C1B33F9B47CF46E2280A2E015164A6B586DD651DCDF1A528B2A22CE04CB370E104CC82EB79B230F54E33940ACC975C18F89493C597AC5F07974F398124EAE14BC687A5400282EBE41BE6535EE4084C1B5F2A4E597FAC96864E391908E3704014863170CA79907CF15AB0F9E7BEE4E48A7E015C494C203EE5370C6B28060009218D99CC936FA363721213AE3949A83D');
INSERT INTO "heard" VALUES(4, 2, 0, 1772604367000000, X'28B52FFD601C00FD0500424D2820504B9C032583FD949E90B0A3FD08F909986D9A37F1CE0960B7C20153CCCC0C4F3126CA98D63851F4AF5018CA99BC6C798B73E744073C028AD10BC702CEB4A50C2760165DCE93A5EBFE1A3FBBC09CC807036772B23891DDE1D3E54C56D4AA4B3891D5612BA0A014BE7D63CE64A89EC05C73A24326BB2756B37E32F98B5545391182400C033180204726EF4101DC3B772227877AA700E09FA2A03667F25B03F413090091A37EC51404D186A2716BC691C9CB00D99DCA846638D82403');
CREATE TABLE marks (
	name VARCHAR NOT NULL,
	value BIGINT NOT NULL,
	PRIMARY KEY (name)
);
INSERT INTO "marks" VALUES('decided_upto', 4);
INSERT INTO "marks" VALUES('gerrit_caught_up', 1772604367000000);
CREATE TABLE messages_read (
	message VARCHAR NOT NULL,
	item VARCHAR NOT NULL,
	person VARCHAR NOT NULL,
	at BIGINT NOT NULL,
	replied BOOLEAN NOT NULL,
	PRIMARY KEY (message)
);
INSERT INTO "messages_read" VALUES('m1', 'gerrit:1', 'ann', 1772604367000000, 1);
CREATE TABLE pauses (
	scope VARCHAR NOT NULL,
	because TEXT NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (scope)
);
CREATE TABLE quarantine (
	seq INTEGER NOT NULL,
	because TEXT NOT NULL,
	PRIMARY KEY (seq)
);
CREATE TABLE waiting (
	seq INTEGER NOT NULL,
	item VARCHAR NOT NULL,
	since BIGINT NOT NULL,
	PRIMARY KEY (seq)
);
INSERT INTO "waiting" VALUES(4, 'gerrit:3', 1772604367000000);
CREATE INDEX actions_item ON actions (item);
CREATE INDEX actions_state ON actions (state, next_try);
CREATE INDEX cases_due ON cases (due);
CREATE INDEX cases_item ON cases (item);
CREATE INDEX cases_opened ON cases (opened);
CREATE INDEX cases_state ON cases (state);
CREATE INDEX decisions_item ON decisions (item);
CREATE INDEX messages_read_at ON messages_read (at);
CREATE INDEX messages_read_item ON messages_read (item);
COMMIT;
