"""What is known of a site: its profile, read from and written to `seeds/<site>/profile.toml`."""
