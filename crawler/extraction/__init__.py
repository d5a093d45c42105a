"""Page and profile to Article: template, text, metadata, dates, bylines."""
