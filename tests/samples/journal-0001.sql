-- A journal of revision 0001 in SQLite: four changes of nova and what became of them. Dumped on 2026-11-23.
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
INSERT INTO "actions" VALUES(2, 'Comment:gerrit:1/release/ann', 'gerrit:1', 'Comment', CAST('{"item":"gerrit:1","repo":"openstack/nova","key":"Comment:gerrit:1/release/ann","text":"ann is asked to review this change as release czar of nova: ann is first in line for release (rule ask-release).\n\nNot yours? Remove yourself from the reviewers, and the next in line is asked.\nWho else was considered, and why not: czar explain gerrit:1","tell":["id-of-ann"]}' AS BLOB), 1, 'done', 0, 1, 1772600767000000, 'done', 1772600767000000);
INSERT INTO "actions" VALUES(3, 'observed:AddReviewer:gerrit:1/docs/bob', 'gerrit:1', 'AddReviewer', CAST('{"item":"gerrit:1","repo":"openstack/nova","key":"AddReviewer:gerrit:1/docs/bob","person":"bob","account":"id-of-bob","cc":false}' AS BLOB), 1, 'observed', 0, 0, 1772600767000000, '', NULL);
INSERT INTO "actions" VALUES(4, 'observed:Comment:gerrit:1/docs/bob', 'gerrit:1', 'Comment', CAST('{"item":"gerrit:1","repo":"openstack/nova","key":"Comment:gerrit:1/docs/bob","text":"bob is asked to review this change as somebody the rule names: bob is first in line for this rule (rule watch-docs).\n\nNot yours? Remove yourself from the reviewers, and the next in line is asked.\nWho else was considered, and why not: czar explain gerrit:1","tell":["id-of-bob"]}' AS BLOB), 1, 'observed', 0, 0, 1772600767000000, '', NULL);
INSERT INTO "actions" VALUES(5, 'AddReviewer:gerrit:2/release/ann', 'gerrit:2', 'AddReviewer', CAST('{"item":"gerrit:2","repo":"openstack/nova","key":"AddReviewer:gerrit:2/release/ann","person":"ann","account":"id-of-ann","cc":false}' AS BLOB), 2, 'done', 0, 1, 1772600767000000, 'done', 1772600767000000);
INSERT INTO "actions" VALUES(6, 'Comment:gerrit:2/release/ann', 'gerrit:2', 'Comment', CAST('{"item":"gerrit:2","repo":"openstack/nova","key":"Comment:gerrit:2/release/ann","text":"ann is asked to review this change as release czar of nova: ann is first in line for release (rule ask-release).\n\nNot yours? Remove yourself from the reviewers, and the next in line is asked.\nWho else was considered, and why not: czar explain gerrit:2","tell":["id-of-ann"]}' AS BLOB), 2, 'done', 0, 1, 1772600767000000, 'done', 1772600767000000);
INSERT INTO "actions" VALUES(7, 'observed:AddReviewer:gerrit:2/docs/bob', 'gerrit:2', 'AddReviewer', CAST('{"item":"gerrit:2","repo":"openstack/nova","key":"AddReviewer:gerrit:2/docs/bob","person":"bob","account":"id-of-bob","cc":false}' AS BLOB), 2, 'observed', 0, 0, 1772600767000000, '', NULL);
INSERT INTO "actions" VALUES(8, 'observed:Comment:gerrit:2/docs/bob', 'gerrit:2', 'Comment', CAST('{"item":"gerrit:2","repo":"openstack/nova","key":"Comment:gerrit:2/docs/bob","text":"bob is asked to review this change as somebody the rule names: bob is first in line for this rule (rule watch-docs).\n\nNot yours? Remove yourself from the reviewers, and the next in line is asked.\nWho else was considered, and why not: czar explain gerrit:2","tell":["id-of-bob"]}' AS BLOB), 2, 'observed', 0, 0, 1772600767000000, '', NULL);
INSERT INTO "actions" VALUES(9, 'AddReviewer:gerrit:3/release/ann', 'gerrit:3', 'AddReviewer', CAST('{"item":"gerrit:3","repo":"openstack/nova","key":"AddReviewer:gerrit:3/release/ann","person":"ann","account":"id-of-ann","cc":false}' AS BLOB), 3, 'done', 0, 1, 1772600767000000, 'done', 1772600767000000);
INSERT INTO "actions" VALUES(10, 'Comment:gerrit:3/release/ann', 'gerrit:3', 'Comment', CAST('{"item":"gerrit:3","repo":"openstack/nova","key":"Comment:gerrit:3/release/ann","text":"ann is asked to review this change as release czar of nova: ann is first in line for release (rule ask-release).\n\nNot yours? Remove yourself from the reviewers, and the next in line is asked.\nWho else was considered, and why not: czar explain gerrit:3","tell":["id-of-ann"]}' AS BLOB), 3, 'done', 0, 1, 1772600767000000, 'done', 1772600767000000);
INSERT INTO "actions" VALUES(11, 'observed:AddReviewer:gerrit:3/docs/bob', 'gerrit:3', 'AddReviewer', CAST('{"item":"gerrit:3","repo":"openstack/nova","key":"AddReviewer:gerrit:3/docs/bob","person":"bob","account":"id-of-bob","cc":false}' AS BLOB), 3, 'observed', 0, 0, 1772600767000000, '', NULL);
INSERT INTO "actions" VALUES(12, 'observed:Comment:gerrit:3/docs/bob', 'gerrit:3', 'Comment', CAST('{"item":"gerrit:3","repo":"openstack/nova","key":"Comment:gerrit:3/docs/bob","text":"bob is asked to review this change as somebody the rule names: bob is first in line for this rule (rule watch-docs).\n\nNot yours? Remove yourself from the reviewers, and the next in line is asked.\nWho else was considered, and why not: czar explain gerrit:3","tell":["id-of-bob"]}' AS BLOB), 3, 'observed', 0, 0, 1772600767000000, '', NULL);
INSERT INTO "actions" VALUES(13, 'AddReviewer:gerrit:1/release/bob', 'gerrit:1', 'AddReviewer', CAST('{"item":"gerrit:1","repo":"openstack/nova","key":"AddReviewer:gerrit:1/release/bob","person":"bob","account":"id-of-bob","cc":false}' AS BLOB), 6, 'done', 0, 1, 1772607967000000, 'done', 1772607967000000);
INSERT INTO "actions" VALUES(14, 'Comment:gerrit:1/release/bob', 'gerrit:1', 'Comment', CAST('{"item":"gerrit:1","repo":"openstack/nova","key":"Comment:gerrit:1/release/bob","text":"bob is asked to review this change as release czar of nova: bob is next in line for release (rule ask-release).\n\nNot yours? Remove yourself from the reviewers, and the next in line is asked.\nWho else was considered, and why not: czar explain gerrit:1","tell":["id-of-bob"]}' AS BLOB), 6, 'done', 0, 1, 1772607967000000, 'done', 1772607967000000);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
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
	due BIGINT,
	step INTEGER NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE ("key")
);
INSERT INTO "cases" VALUES(1, 'gerrit:1/release/ann', 'gerrit:1', 'openstack/nova', 'release', 'release', 'nova', 'ask-release', 'ann', 'czar', 'closed', 'removed', 'was taken off the change by dev', 0, 1772600767000000, NULL, 0, 6);
INSERT INTO "cases" VALUES(2, 'gerrit:1/docs/bob', 'gerrit:1', 'openstack/nova', 'docs', '', 'nova', 'watch-docs', 'bob', 'czar', 'open', '', 'is first in line for this rule', 1, 1772600767000000, NULL, 0, 1);
INSERT INTO "cases" VALUES(3, 'gerrit:2/release/ann', 'gerrit:2', 'openstack/nova', 'release', 'release', 'nova', 'ask-release', 'ann', 'czar', 'closed', 'acted', 'ann voted Code-Review +1', 0, 1772600767000000, NULL, 0, 4);
INSERT INTO "cases" VALUES(4, 'gerrit:2/docs/bob', 'gerrit:2', 'openstack/nova', 'docs', '', 'nova', 'watch-docs', 'bob', 'czar', 'open', '', 'is first in line for this rule', 1, 1772600767000000, NULL, 0, 2);
INSERT INTO "cases" VALUES(5, 'gerrit:3/release/ann', 'gerrit:3', 'openstack/nova', 'release', 'release', 'nova', 'ask-release', 'ann', 'czar', 'closed', 'merged', 'the change was merged', 0, 1772600767000000, NULL, 0, 5);
INSERT INTO "cases" VALUES(6, 'gerrit:3/docs/bob', 'gerrit:3', 'openstack/nova', 'docs', '', 'nova', 'watch-docs', 'bob', 'czar', 'closed', 'merged', 'the change was merged', 1, 1772600767000000, NULL, 0, 5);
INSERT INTO "cases" VALUES(7, 'gerrit:1/release/bob', 'gerrit:1', 'openstack/nova', 'release', 'release', 'nova', 'ask-release', 'bob', 'czar', 'open', '', 'is next in line for release', 0, 1772607967000000, NULL, 0, 6);
CREATE TABLE connections (
	id INTEGER NOT NULL,
	source VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	heard BIGINT DEFAULT '0' NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (source, name)
);
INSERT INTO "connections" VALUES(1, 'gerrit-stream', 'one', 9);
CREATE TABLE counters (
	name VARCHAR NOT NULL,
	value BIGINT NOT NULL,
	PRIMARY KEY (name)
);
INSERT INTO "counters" VALUES('decided', 4);
INSERT INTO "counters" VALUES('ignored', 2);
INSERT INTO "counters" VALUES('malformed', 1);
CREATE TABLE decisions (
	seq INTEGER NOT NULL,
	item VARCHAR NOT NULL,
	event VARCHAR NOT NULL,
	at BIGINT NOT NULL,
	detail BLOB,
	PRIMARY KEY (seq)
);
INSERT INTO "decisions" VALUES(1, 'gerrit:1', 'PatchsetCreated', 1772600767000000, CAST('{"verdicts":[{"rule":"ask-release","slot":"release","outcome":"ask","because":"ann is first in line for release","team":"nova","people":["ann"],"candidates":[{"person":"ann","role":"czar","code":"","because":"is first in line for release","picked":true},{"person":"bob","role":"czar","code":"","because":"is next in line for release; somebody stands before","picked":false}]},{"rule":"watch-docs","slot":"docs","outcome":"ask","because":"bob is first in line for this rule","team":"nova","people":["bob"],"candidates":[{"person":"bob","role":"czar","code":"","because":"is first in line for this rule","picked":true}]}],"passed":[],"facts":{"change":{"repo":"openstack/nova","branch":"master","status":"NEW","patch_set":1,"revision":"c0ffee","subject":"","message":"","topic":"","hashtags":[],"wip":false,"private":false,"size":0,"created":null,"owner":"id-of-dev","owner_names":[],"authors":[],"files":null,"reviewers":[],"ccs":[],"removed":{},"attention":[]},"accounts":{"ann":"id-of-ann","bob":"id-of-bob"},"seen":"2026-03-04T05:06:07Z"},"version":"","revision":""}' AS BLOB));
INSERT INTO "decisions" VALUES(2, 'gerrit:2', 'PatchsetCreated', 1772600767000000, CAST('{"verdicts":[{"rule":"ask-release","slot":"release","outcome":"ask","because":"ann is first in line for release","team":"nova","people":["ann"],"candidates":[{"person":"ann","role":"czar","code":"","because":"is first in line for release","picked":true},{"person":"bob","role":"czar","code":"","because":"is next in line for release; somebody stands before","picked":false}]},{"rule":"watch-docs","slot":"docs","outcome":"ask","because":"bob is first in line for this rule","team":"nova","people":["bob"],"candidates":[{"person":"bob","role":"czar","code":"","because":"is first in line for this rule","picked":true}]}],"passed":[],"facts":{"change":{"repo":"openstack/nova","branch":"master","status":"NEW","patch_set":1,"revision":"c0ffee","subject":"","message":"","topic":"","hashtags":[],"wip":false,"private":false,"size":0,"created":null,"owner":"id-of-dev","owner_names":[],"authors":[],"files":null,"reviewers":[],"ccs":[],"removed":{},"attention":[]},"accounts":{"ann":"id-of-ann","bob":"id-of-bob"},"seen":"2026-03-04T05:06:07Z"},"version":"","revision":""}' AS BLOB));
INSERT INTO "decisions" VALUES(3, 'gerrit:3', 'PatchsetCreated', 1772600767000000, CAST('{"verdicts":[{"rule":"ask-release","slot":"release","outcome":"ask","because":"ann is first in line for release","team":"nova","people":["ann"],"candidates":[{"person":"ann","role":"czar","code":"","because":"is first in line for release","picked":true},{"person":"bob","role":"czar","code":"","because":"is next in line for release; somebody stands before","picked":false}]},{"rule":"watch-docs","slot":"docs","outcome":"ask","because":"bob is first in line for this rule","team":"nova","people":["bob"],"candidates":[{"person":"bob","role":"czar","code":"","because":"is first in line for this rule","picked":true}]}],"passed":[],"facts":{"change":{"repo":"openstack/nova","branch":"master","status":"NEW","patch_set":1,"revision":"c0ffee","subject":"","message":"","topic":"","hashtags":[],"wip":false,"private":false,"size":0,"created":null,"owner":"id-of-dev","owner_names":[],"authors":[],"files":null,"reviewers":[],"ccs":[],"removed":{},"attention":[]},"accounts":{"ann":"id-of-ann","bob":"id-of-bob"},"seen":"2026-03-04T05:06:07Z"},"version":"","revision":""}' AS BLOB));
INSERT INTO "decisions" VALUES(4, 'gerrit:2', 'CommentAdded', 1772604367000000, NULL);
INSERT INTO "decisions" VALUES(5, 'gerrit:3', 'ChangeMerged', 1772604367000000, NULL);
INSERT INTO "decisions" VALUES(6, 'gerrit:1', 'ReviewerRemoved', 1772607967000000, CAST('{"verdicts":[{"rule":"ask-release","slot":"release","outcome":"ask","because":"bob is next in line for release","team":"nova","people":["bob"],"candidates":[{"person":"ann","role":"czar","code":"removed","because":"was taken off the change by dev","picked":false},{"person":"bob","role":"czar","code":"","because":"is next in line for release","picked":true}]},{"rule":"watch-docs","slot":"docs","outcome":"skip","because":"bob was asked on 2026-03-04 05:06","team":"nova","people":[],"candidates":[]}],"passed":[],"facts":{"change":{"repo":"openstack/nova","branch":"master","status":"NEW","patch_set":1,"revision":"c0ffee","subject":"","message":"","topic":"","hashtags":[],"wip":false,"private":false,"size":0,"created":null,"owner":"id-of-dev","owner_names":[],"authors":[],"files":null,"reviewers":["id-of-ann"],"ccs":[],"removed":{},"attention":[]},"accounts":{"ann":"id-of-ann","bob":"id-of-bob"},"seen":"2026-03-04T05:06:07Z"},"version":"","revision":""}' AS BLOB));
CREATE TABLE declined (
	item VARCHAR NOT NULL,
	person VARCHAR NOT NULL,
	how VARCHAR NOT NULL,
	because TEXT NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (item, person)
);
INSERT INTO "declined" VALUES('gerrit:1', 'ann', 'removed', 'was taken off the change by dev', 1772600767000000);
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
INSERT INTO "heard" VALUES(3, 1, 2, 1772600767000000, X'28B52FFD601C00FD0500424D2820504B9C032583FD949E90B0A3FD08F909986D9A37F1CE0960B7C20153CCCC0C4F3126CA98D63851F4AF5018CA99BC6C798B73E744073C028AD10BC702CEB4A50C2760165DCE93A5EBFE1A3FBBC09CC807036772B23891DDE1D3E54C56D4AA4B3891D5612BA0A014BE7D63CE64A89EC05C73A24326BB2756B37E32F98B5545391182400C033180204726EF4101DC3B772227877AA700E09FA2A03667F25B03F413090091A37EC51404D186A2716BC691C9CB00D99DCA846638D82403');
INSERT INTO "heard" VALUES(4, 1, 0, 1772604367000000, X'28B52FFD6087002D0800C6913623506B9B032083B7F7CA26A127DAD0CBEE7EBA0241C68DF5F7C1B51BECD4916466663F012C0029002E000CEA3F329D1DBD8C7AEA92581024A12C4B92E95DB0182E3F056C8EFCD42F5E6B11B099B1A69EE9EC1EE01F014FBD42F04C5FCD53FF183ECB9EE98CEA7D8CA77E636B0106B5F06976ED990E152FB4E79EAA64FA634607085E4D912949C88B64145C8367BA46EFDEC640689F1A4577BC16C08E63EBC0034EB32CF262DB8F1FE88F6E68015174E64603E9D63C4DE4F7D404F2825170DD5315A22308CB6990B3F1A94FC8F4C7D9D89E73FBD427000DDC440E0E00772B92640BA0985B69525EBDF0318D97C6F09085256C34F82B2F66324FBE8D8EC98930579002');
INSERT INTO "heard" VALUES(5, 1, 1, 1772604367000000, X'28B52FFD20EA4D050092CB2421604BD401E0B6D156CA255B461DDC1EB31A4D9E11C1B3C38F74AD4F2361108428015164A6B586DD651DCDF1A528B2A20CE04CB370E104CC82EB79B230F54E33940ACC979C30F029278B2F59BF0E2E9FF20249D4C3978C0FCB800404D7C937CCA7BCC8119836BE943865FDB15A1A3AE564280C044231601802A79C07C917AF059B7FEE4B4EAEE8D7E14AE202F129BF61584301060009218D99CC936FA363721213AE3949A83D');
INSERT INTO "heard" VALUES(6, 1, 0, 1772607967000000, X'28B52FFD603C002D0600B20D2920604B9B030502ED6FA296849E68F67F6ED2A21A203C27F70FBAC109258EA2E012CFE33F91309431599BD228EFEB8E9028978C6ABEC6BE46F43C566C0BF8C2B06438C1A2247B5F2C75DF2CECE84233221F06C6E4A51891F7AE49664C4E94E6228CC8F99A0A28A8748D9E69C664A79ED09631A20393F708B6503B987C8566A28C08392086711840900393F560DDE5B7C0E9DF8DC8EBEECB17C07EE1CAFB1A93CF34383B010B005673001C07ED109D503618860E20106A9B7164F232407687C2B4410A');
INSERT INTO "heard" VALUES(7, 1, 0, 1772607967000000, X'28B52FFD20084100006E6F206576656E74');
INSERT INTO "heard" VALUES(8, 1, 0, 1772607967000000, X'28B52FFD20E7150500C24A2220508558078832F29F8A5DD9A03E042929B3CB5C2776FBE3A96D6F98C8CC4C730273CE7925BE0137D0AD001F1A661DC4CD6D47769E471DF0AEE948E2BADE986B7A64E9ACBBAE2FAC3726D7F4855E1300D84AA719BEEBBA64BC78115E13A2EB9113F7F4235DBF267528C3380C4A1574BD158DE57244C86688AFE98D95DE850918039FBCAE331C908F020700402860624A9DC93CF9363A262731E19A6483DA03');
INSERT INTO "heard" VALUES(9, 1, 0, 1772607967000000, X'28B52FFD601C00FD0500424D2820504B9C032583FD949E90B0A3FD08F909986D9A37F1CE118E3DD583139999194E3126CA98D63851F4AF5018CA99BC6C798B73E744073C028AD10BC702CEB4A50C2760165DCE93A5EBFE1A3FBBC09CC807036772B23891DDE1D3E54C56D4AA4B3891D5612BA0A014BE7D63CE64A89EC05C73A24326BB2756B37E32F98B5545391182400C033180204726EF4101DC3B772227877AA700E09FA2A03667F25B03F413090091A37EC51404D186A2716BC691C9CB00D99DCA846638D82403');
CREATE TABLE marks (
	name VARCHAR NOT NULL,
	value BIGINT NOT NULL,
	PRIMARY KEY (name)
);
INSERT INTO "marks" VALUES('decided_upto', 9);
CREATE TABLE pauses (
	scope VARCHAR NOT NULL,
	because TEXT NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (scope)
);
INSERT INTO "pauses" VALUES('watch-docs', '60 asks within an hour', 1772607967000000);
CREATE TABLE quarantine (
	seq INTEGER NOT NULL,
	because TEXT NOT NULL,
	PRIMARY KEY (seq)
);
INSERT INTO "quarantine" VALUES(7, 'not a stream event: JSON is malformed: invalid character (byte 4)');
CREATE TABLE waiting (
	seq INTEGER NOT NULL,
	item VARCHAR NOT NULL,
	since BIGINT NOT NULL,
	PRIMARY KEY (seq)
);
INSERT INTO "waiting" VALUES(8, 'gerrit:9', 1772607967000000);
INSERT INTO "waiting" VALUES(9, 'gerrit:4', 1772607967000000);
CREATE INDEX actions_item ON actions (item);
CREATE INDEX actions_state ON actions (state, next_try);
CREATE INDEX cases_item ON cases (item);
CREATE INDEX cases_opened ON cases (opened);
CREATE INDEX cases_state ON cases (state);
CREATE INDEX decisions_item ON decisions (item);
COMMIT;
