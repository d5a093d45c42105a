"""Pages that a site builds in its readers' browsers: a Chromium without a network of its own (extra `browser`)."""
