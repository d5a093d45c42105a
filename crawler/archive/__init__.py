"""WARC files: every response is written here before anything else looks at it."""
