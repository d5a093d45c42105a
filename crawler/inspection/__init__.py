"""Questions people ask of a corpus, answered from its manifest."""
