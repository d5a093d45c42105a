"""Object storage: one client for all kinds, and logs whose entries can be made once only."""
