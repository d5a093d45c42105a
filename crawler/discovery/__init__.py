"""Bytes in, candidate addresses out: feeds, sitemaps, section pages, address forms, traps, robots rules."""
