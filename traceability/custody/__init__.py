"""Where it went: batch graph, kilograms, continuity and provenance derived from custody events (facts.md 2-6, 12)."""
