"""A corpus in object storage: what a working folder committed is published by commit objects, and brought back."""
