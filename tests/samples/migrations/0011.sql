-- One row of every table as version 0011 writes them; made up. A test walks up and down over it.
INSERT INTO identity (id, generation, team, "user", host, buddy_id, buddy_name, sealed_token, linked_at)
VALUES (1, 2, 'T1', 'MAYA', 'api.buddy.works', 11, 'Maya Vogt', '1a2b3c4d:sealed', '2026-11-23 12:00:00.000000');
INSERT INTO click (id, key, team, "user", way, channel, message_ts, thread_ts, is_private, operation, binding, named, reason, sealed_answer_url, taken_at, step, identity_id, identity_generation, before, sent_at, sent_count, outcome, waits_until, sealed_values, values_until, taken_by, variables)
VALUES (1, 'action/1', 'T1', 'MAYA', 'button', 'C1', '1700000000.000100', '', FALSE, 'approve', '{}', '', 'tested', '', '2026-11-23 12:00:00.000000', 'told', 1, 2, 'INPROGRESS', '2026-11-23 12:00:01.000000', 1, 'done', '2026-11-23 12:15:00.000000', '', '2026-11-23 12:10:00.000000', 'aaaa1111bbbb2222', '["VERSION"]');
INSERT INTO click (id, key, team, "user", way, channel, message_ts, thread_ts, is_private, operation, binding, named, reason, sealed_answer_url, taken_at, step, sent_count)
VALUES (2, 'command/2', 'T1', 'TOM', 'command', 'C1', '', '', FALSE, 'cancel', '', 'shop/deploy#12', '', '1a2b3c4d:sealed', '2026-11-23 12:00:00.000000', 'taken', 0);
INSERT INTO decision (host, pipeline, execution, attempt, gate, effect, click_id, operation, team, "user", at)
VALUES ('api.buddy.works', 7, 12, '2026-11-23T12:00:00+00:00#0', '000000000000000000000003', 'answer', 1, 'approve', 'T1', 'MAYA', '2026-11-23 12:00:01.000000');
INSERT INTO follow (host, pipeline, execution, workspace, project, team, "user", since, retries, mark, superseded_by, last_team, last_user, last_operation, last_at, last_reason, pipeline_name, hash, url, is_open, is_in_sight, bookmark, last_variables, hints)
VALUES ('api.buddy.works', 7, 12, 'acme', 'shop', 'T1', 'MAYA', '2026-11-23 12:00:00.000000', 0, 1, NULL, 'T1', 'MAYA', 'approve', '2026-11-23 12:00:02.000000', 'tested', 'deploy', '6526b6ab592ab10000000001', 'https://app.buddy.works/acme/shop/pipelines/pipeline/7/execution/6526b6ab592ab10000000001', TRUE, TRUE, '0|0||9f86d081884c7d65', '["VERSION"]', 2);
INSERT INTO card (id, team, channel, message_ts, host, pipeline, execution, digest)
VALUES (1, 'T1', 'C1', '1700000000.000100', 'api.buddy.works', 7, 12, 'd1');
INSERT INTO reply (id, card_id, about, team, "user", text, blocks, is_posted, posted_ts, discreet)
VALUES (1, 1, 'click/1', 'T1', 'MAYA', 'approved', '[]', TRUE, '1700000000.000200', '{"text": "approved", "blocks": []}');
INSERT INTO audit (id, at, team, "user", way, operation, host, pipeline, execution, gate, event, detail, variables)
VALUES (1, '2026-11-23 12:00:01.000000', 'T1', 'MAYA', 'button', 'approve', 'api.buddy.works', 7, 12, '000000000000000000000003', 'sent', '', '["VERSION"]');
INSERT INTO known_name (host, workspace, project, name, pipeline)
VALUES ('api.buddy.works', 'acme', 'shop', 'deploy', 7);
INSERT INTO slack_team (team, lacks_plan)
VALUES ('T1', TRUE);
INSERT INTO installation (number, id)
VALUES (1, '5d41402abc4b2a76');
INSERT INTO job (id, kind, key, lane, data, put_at, due, not_before, poked_for, attempt, state, owner, error, sealed, sealed_until)
VALUES (1, 'operation', '2/named', '', '', 1800000000, 1800000000, 0, NULL, 1, 'running', 'aaaa1111bbbb2222', '', '', NULL);
INSERT INTO job (id, kind, key, lane, data, put_at, due, not_before, poked_for, attempt, state, owner, error, sealed, sealed_until)
VALUES (2, 'link', 'view/1', '', '{"v": 1, "owner": "pasted/view/1"}', 1800000000, 1800000000, 0, NULL, 0, 'waiting', '', '', '1a2b3c4d:sealed', 1800000600);
INSERT INTO process (id, name, started_at, beat_at, keys, sealing_key)
VALUES ('aaaa1111bbbb2222', 'replica-1', 1800000000, 1800000002, '1a2b3c4d', '1a2b3c4d');
INSERT INTO vault_key (name, state) VALUES ('1a2b3c4d', 'sealing');
INSERT INTO vault_key (name, state) VALUES ('99aabbcc', 'retired');
INSERT INTO slack_budget (name, calls, closed_until) VALUES ('T1/edits', '[1800000000.5]', 1800000001);
INSERT INTO run (id, key, mark, team, "user", way, channel, thread_ts, wanted, sealed_values, sealed_answer_url, taken_at, step, host, workspace, project, pipeline, execution, identity_id, identity_generation, sent_at, outcome)
VALUES (1, 'slash/1', '7fk2mz', 'T1', 'MAYA', 'command', 'C1', '', '{"v":1,"typed":{"pipeline":{"workspace":"","project":"shop","pipeline":"deploy"}},"request":null}', '', '', '2026-11-23 12:00:00.000000', 'told', 'api.buddy.works', 'acme', 'shop', 7, 12, 1, 2, '2026-11-23 12:00:01.000000', 'done');
INSERT INTO run (id, key, mark, team, "user", way, channel, thread_ts, wanted, sealed_values, sealed_answer_url, taken_at, step, host, workspace, project, pipeline, execution, outcome)
VALUES (2, 'slash/2', '9hjk3w', 'T1', 'TOM', 'command', 'C1', '', '{"v":1,"typed":{"pipeline":{"workspace":"","project":"shop","pipeline":"deploy"},"variables":[{"key":"A","value":"","is_encrypted":false}]},"request":null}', '1a2b3c4d:sealed', '1a2b3c4d:sealed', '2026-11-23 12:00:00.000000', 'taken', '', '', '', 0, 0, '');
INSERT INTO run_memory (id, team, "user", host, pipeline, run_id, sealed_values, kept_at)
VALUES (1, 'T1', 'MAYA', 'api.buddy.works', 7, 1, '1a2b3c4d:sealed', '2026-11-23 12:00:00.000000');
INSERT INTO alias (team, channel, name, host, workspace, project, pipeline, pipeline_name, "user", set_at)
VALUES ('T1', 'C1', 'prod', 'api.buddy.works', 'acme', 'shop', 7, 'Deploy', 'MAYA', '2026-11-23 12:00:00.000000');
INSERT INTO subscription (id, team, channel, host, topic, workspace, project, pipeline, project_shown, pipeline_shown, moments, branch, by_user, broadcasts_failures, mention, "user", created_at, told_gone_at)
VALUES (1, 'T1', 'C1', 'api.buddy.works', 'pipeline/7', 'acme', 'shop', 7, 'Shop', 'deploy', 'started,waiting,failed', 'main release/*', '', TRUE, '<!here>', 'MAYA', '2026-11-23 12:00:00.000000', NULL);
INSERT INTO subscription (id, team, channel, host, topic, workspace, project, pipeline, project_shown, pipeline_shown, moments, branch, by_user, broadcasts_failures, mention, "user", created_at, told_gone_at)
VALUES (2, 'T1', 'C1', 'api.buddy.works', 'project/acme/shop', 'acme', 'shop', NULL, 'Shop', '', 'failed', '', 'TOM', FALSE, '', 'TOM', '2026-11-23 12:00:00.000000', '2026-11-23 13:00:00.000000');
INSERT INTO hook (id, kind, team, host, workspace, "user", secret_hash, previous_hash, previous_until, webhook, created_at, last_delivery_at)
VALUES ('made-up-address-of-a-webhook-000', 'webhook', 'T1', 'api.buddy.works', 'acme', 'MAYA', 'hash-of-the-secret', 'hash-of-the-one-before', '2026-11-24 12:00:00.000000', 2, '2026-11-23 12:00:00.000000', '2026-11-23 12:05:00.000000');
INSERT INTO delivery (id, team, host, pipeline, execution, hint, source, workspace, project, received_at, state)
VALUES (1, 'T1', 'api.buddy.works', 7, '12', 'INPROGRESS|2026-11-23T12:00:00Z|', 'webhook', 'acme', 'shop', '2026-11-23 12:00:01.000000', 'seen');
INSERT INTO announcement (id, team, channel, host, pipeline, execution, workspace, project, subscription_id, moments, card_id, noticed_at, state)
VALUES (1, 'T1', 'C1', 'api.buddy.works', 7, 12, 'acme', 'shop', 1, 'started', 1, '2026-11-23 12:00:01.000000', 'told');
INSERT INTO listing (host, pipeline, standings, changed_at, listed_at)
VALUES ('api.buddy.works', 7, '{"12": "INPROGRESS||"}', '2026-11-23 12:00:01.000000', '2026-11-23 12:00:01.000000');
INSERT INTO channel_setting (team, channel, quiet, ladder) VALUES ('T1', 'C1', '22:00-07:00 Europe/Warsaw', '15m, 1h');
INSERT INTO person_setting (team, "user", tells_failures) VALUES ('T1', 'MAYA', FALSE);
INSERT INTO notice (id, team, "user", about, at) VALUES (1, 'T1', 'MAYA', 'api.buddy.works/7/12/failed/0', '2026-11-23 12:00:00.000000');
INSERT INTO streak (id, team, channel, host, pipeline, branch, card_id, first, last, count, told, since) VALUES (1, 'T1', 'C1', 'api.buddy.works', 7, 'main', 1, 12, 14, 3, '12,13,14', '2026-11-23 12:00:00.000000');
