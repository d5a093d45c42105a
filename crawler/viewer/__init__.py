"""The corpus in a browser: search, read, judge, mend, and watch crawls, on pages that this machine serves."""
