"""The words of the catalogue's logic (rule-catalogue.md 3 to 5), each a small pure function named by its term."""
