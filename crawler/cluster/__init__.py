"""The same stages on Ray: crawls spread over nodes, replay and deduplication split into tasks; one corpus comes out."""
