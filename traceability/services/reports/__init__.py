"""Reports: what the law asks to be told, put together from the records as of a day; a person publishes or sends it."""
