"""Article to Article or Reject: normalise, language, quality, topic."""
