"""Evidence packs: what a regulator, officer or importer takes away of a batch and checks without us (console.md 7)."""
