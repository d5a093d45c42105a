"""Pages of the past out of WARC files of others: Common Crawl's CC-NEWS, filtered by the sites' hosts."""
