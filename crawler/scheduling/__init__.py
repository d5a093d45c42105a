"""Crawls at their times: which site is due, that it is crawled once for each due time, and what came of it."""
