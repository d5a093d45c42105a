"""One file = one `scrapy` command; heavy imports happen inside `run`."""
