"""One crawl from lock to manifest: what is asked for, archived first, staged and committed."""
