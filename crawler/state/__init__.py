"""Crawl state in one SQLite file: frontier, archive records, corpus commits."""
