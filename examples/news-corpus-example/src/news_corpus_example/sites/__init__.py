"""One folder a site, each with a profile.toml."""
