"""A walk through every page of the console: for the browser tests, and for the pictures of docs/pages.md."""
