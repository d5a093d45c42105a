"""Spiders: the generic article spider, and the one that replays an archive."""
