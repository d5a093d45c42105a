"""What happens to an address of the frontier, as SQL."""

from __future__ import annotations

INSERT = """
INSERT INTO urls (site, url, kind, state, priority, depth, found_via, discovered_at, lastmod, title, reason,
  dated_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (site, url) DO NOTHING
"""
# newer than what the site said before, or, where it said nothing before, than our last visit
TOUCH = """
UPDATE urls SET lastmod = :lastmod, priority = max(priority, :priority),
  attempts = iif(state IN ('done', 'failed'), 0, attempts),
  reason = iif(state IN ('done', 'failed'), NULL, reason),
  state = iif(state IN ('done', 'failed'), 'pending', state)
WHERE site = :site AND url = :url AND :lastmod > coalesce(lastmod, last_fetched_at, 0)
"""
DATE = "UPDATE urls SET dated_at = :dated_at WHERE site = :site AND url = :url AND dated_at IS NULL"
REVISIT = """
UPDATE urls SET state = 'pending', attempts = 0, next_try_at = NULL, reason = NULL, kind = :kind,
  priority = max(priority, :priority)
WHERE site = :site AND url = :url AND state <> 'leased'
"""
FINISH = """
UPDATE urls SET state = 'done', attempts = 0, next_try_at = NULL, reason = NULL, last_fetched_at = :fetched_at,
  first_fetched_at = coalesce(first_fetched_at, :fetched_at),
  changed_at = iif(:content_hash IS NOT content_hash AND :content_hash NOT NULL, :fetched_at,
    coalesce(changed_at, :fetched_at)),
  last_run_id = :run_id, etag = coalesce(:etag, etag), last_modified = coalesce(:last_modified, last_modified),
  content_hash = coalesce(:content_hash, content_hash), spelling = NULL, n_spellings = 0,
  file = coalesce(:file, file), offset = coalesce(:offset, offset), length = coalesce(:length, length)
WHERE site = :site AND url = :url
"""
FAIL = """
UPDATE urls SET state = iif(:next_try_at IS NULL, 'failed', 'pending'), attempts = attempts + 1,
  next_try_at = :next_try_at, reason = :reason, last_run_id = :run_id
WHERE site = :site AND url = :url
"""
# a redirect to another spelling of the same address, right after it was noted as answered
RESPELL = """
UPDATE urls SET state = 'pending', spelling = :spelling, n_spellings = :n_spellings
WHERE site = :site AND url = :url AND state = 'done'
"""
# what a link's spelling alone had left out, and a source or a changed profile names as a page
ADMIT = """
UPDATE urls SET state = 'pending', kind = :kind, reason = NULL, priority = :priority, lastmod = :lastmod,
  title = coalesce(title, :title), dated_at = coalesce(dated_at, :dated_at)
WHERE site = :site AND url = :url AND state = 'left_out' AND kind = 'link'
"""
