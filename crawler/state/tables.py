"""Tables of `output/state.sqlite`. A migration is appended, never edited: files of every age must open."""

from __future__ import annotations

_FIRST = """
CREATE TABLE writers (
  site TEXT PRIMARY KEY,
  epoch INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  started_at INTEGER NOT NULL
) STRICT;

CREATE TABLE urls (
  id INTEGER PRIMARY KEY,
  site TEXT NOT NULL,
  url TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'leased', 'done', 'failed', 'left_out')),
  priority INTEGER NOT NULL,
  depth INTEGER NOT NULL,
  found_via TEXT NOT NULL,
  discovered_at INTEGER NOT NULL,
  lastmod INTEGER,
  title TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_try_at INTEGER,
  reason TEXT,
  etag TEXT,
  last_modified TEXT,
  last_fetched_at INTEGER,
  last_run_id TEXT,
  content_hash TEXT,
  file TEXT,
  offset INTEGER,
  length INTEGER,
  UNIQUE (site, url)
) STRICT;
CREATE INDEX urls_ready ON urls (site, priority DESC, id) WHERE state = 'pending' AND next_try_at IS NULL;
CREATE INDEX urls_waiting ON urls (site, next_try_at) WHERE state = 'pending' AND next_try_at IS NOT NULL;
CREATE INDEX urls_leased ON urls (site) WHERE state = 'leased';

CREATE TABLE url_counts (
  site TEXT NOT NULL,
  state TEXT NOT NULL,
  kind TEXT NOT NULL,
  reason TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (site, state, kind, reason)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER urls_added AFTER INSERT ON urls BEGIN
  INSERT INTO url_counts VALUES (new.site, new.state, new.kind, coalesce(new.reason, ''), 1)
  ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER urls_changed AFTER UPDATE OF state, kind, reason ON urls
WHEN old.state IS NOT new.state OR old.kind IS NOT new.kind OR old.reason IS NOT new.reason BEGIN
  UPDATE url_counts SET n = n - 1
  WHERE site = old.site AND state = old.state AND kind = old.kind AND reason = coalesce(old.reason, '');
  INSERT INTO url_counts VALUES (new.site, new.state, new.kind, coalesce(new.reason, ''), 1)
  ON CONFLICT DO UPDATE SET n = n + 1;
END;

CREATE TABLE records (
  seq INTEGER PRIMARY KEY,
  site TEXT NOT NULL,
  url TEXT NOT NULL,
  final_url TEXT NOT NULL,
  found_via TEXT NOT NULL,
  kind TEXT NOT NULL,
  status INTEGER NOT NULL,
  fetched_at INTEGER NOT NULL,
  file TEXT NOT NULL,
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  robots TEXT NOT NULL,
  outcome TEXT CHECK (outcome IN ('kept', 'duplicate', 'rejected', 'not_an_article')),
  outcome_run_id TEXT,
  reason TEXT,
  part TEXT,
  article_id TEXT,
  UNIQUE (file, offset)
) STRICT;
CREATE INDEX records_open ON records (site, seq) WHERE outcome IS NULL;
CREATE INDEX records_fetched ON records (site, run_id);
CREATE INDEX records_decided ON records (site, outcome_run_id, outcome, reason);
CREATE INDEX records_repeating ON records (article_id) WHERE outcome = 'duplicate';

CREATE TABLE archive_ends (
  file TEXT PRIMARY KEY,
  site TEXT NOT NULL,
  end INTEGER NOT NULL
) STRICT;

CREATE TABLE kept (
  id TEXT PRIMARY KEY,
  site TEXT NOT NULL,
  url TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  published_at INTEGER,
  part TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX kept_by_site ON kept (site);

CREATE TABLE parts (
  path TEXT PRIMARY KEY,
  dataset TEXT NOT NULL,
  site TEXT NOT NULL,
  rows INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  run_id TEXT NOT NULL
) STRICT;
CREATE INDEX parts_by_site ON parts (site, dataset);

CREATE TABLE intents (
  path TEXT PRIMARY KEY,
  site TEXT NOT NULL,
  epoch INTEGER NOT NULL
) STRICT;

CREATE TABLE swaps (
  site TEXT PRIMARY KEY,
  epoch INTEGER NOT NULL
) STRICT;
"""

_SCHEDULES = """
CREATE TABLE schedules (
  site TEXT PRIMARY KEY,
  rule TEXT NOT NULL,
  next_due_at INTEGER NOT NULL,
  is_paused INTEGER NOT NULL
) STRICT;

CREATE TABLE scheduled_runs (
  site TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  run_id TEXT NOT NULL UNIQUE,
  n_missed INTEGER NOT NULL,
  claimed_at INTEGER NOT NULL,
  pid INTEGER,
  ended_at INTEGER,
  outcome TEXT,
  PRIMARY KEY (site, due_at)
) STRICT;
CREATE UNIQUE INDEX scheduled_runs_open ON scheduled_runs (site) WHERE ended_at IS NULL;
"""

_REVISITS = """
ALTER TABLE urls ADD COLUMN dated_at INTEGER;
ALTER TABLE urls ADD COLUMN first_fetched_at INTEGER;
ALTER TABLE urls ADD COLUMN changed_at INTEGER;
UPDATE urls SET dated_at = lastmod, first_fetched_at = last_fetched_at, changed_at = last_fetched_at;
CREATE INDEX urls_recent ON urls (site, first_fetched_at) WHERE kind = 'article' AND state = 'done';
CREATE INDEX urls_failed ON urls (site, reason, id) WHERE state = 'failed';
CREATE INDEX urls_left_out ON urls (site, reason, id) WHERE state = 'left_out';

DROP INDEX kept_by_site;
CREATE INDEX kept_by_url ON kept (site, url);
CREATE INDEX records_kept ON records (article_id) WHERE outcome = 'kept';
CREATE TABLE retired (
  path TEXT PRIMARY KEY,
  site TEXT NOT NULL
) STRICT;

CREATE TABLE guards (
  site TEXT PRIMARY KEY,
  run_id TEXT NOT NULL,
  state TEXT NOT NULL
) STRICT;
"""

_FORGOTTEN = """
CREATE TABLE forgotten (
  site TEXT NOT NULL,
  url TEXT NOT NULL,
  article_id TEXT,
  content_hash TEXT,
  forgotten_at INTEGER NOT NULL,
  is_archive_clean INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (site, url)
) STRICT, WITHOUT ROWID;
CREATE INDEX forgotten_articles ON forgotten (article_id);
CREATE INDEX forgotten_texts ON forgotten (content_hash);
CREATE TRIGGER urls_forgotten BEFORE UPDATE OF state ON urls
WHEN old.reason = 'forgotten' AND new.state <> 'left_out' BEGIN
  SELECT RAISE(IGNORE);
END;
"""

_HOSTS = """
ALTER TABLE urls ADD COLUMN host TEXT GENERATED ALWAYS AS (substr(
  substr(url, instr(url, '://') + 3), 1, instr(substr(url, instr(url, '://') + 3) || '/', '/') - 1)) VIRTUAL;
DROP INDEX urls_ready;
CREATE INDEX urls_ready ON urls (site, host, priority DESC, id) WHERE state = 'pending' AND next_try_at IS NULL;
"""

_SPELLINGS = """
ALTER TABLE urls ADD COLUMN spelling TEXT;
ALTER TABLE urls ADD COLUMN n_spellings INTEGER NOT NULL DEFAULT 0;
CREATE TABLE more_left_out (
  site TEXT NOT NULL,
  reason TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (site, reason)
) STRICT, WITHOUT ROWID;
"""

_VERSIONS = "ALTER TABLE kept ADD COLUMN version TEXT NOT NULL DEFAULT '';"

_ROBOTS = """
CREATE INDEX records_robots ON records (site, url, seq) WHERE kind = 'robots';
"""

_SWAPPED = "DROP TABLE retired;"

_BACKFILLS = """
CREATE TABLE backfills (
  source TEXT NOT NULL,
  site TEXT NOT NULL,
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  wanted TEXT NOT NULL,
  offset INTEGER NOT NULL,
  counts TEXT NOT NULL,
  PRIMARY KEY (source, site)
) STRICT, WITHOUT ROWID;
"""

MIGRATIONS: tuple[str, ...] = (
    _FIRST, _SCHEDULES, _REVISITS, _FORGOTTEN, _HOSTS, _SPELLINGS, _VERSIONS, _ROBOTS, _SWAPPED, _BACKFILLS
)  # fmt: skip
"""Script n brings a file of `user_version` n to n + 1."""
