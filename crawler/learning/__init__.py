"""Seeds to profiles: sources, URL pattern, article template, topic."""
