"""Bytes to candidate article URLs: feeds, sitemaps, sections, URL forms and traps."""
