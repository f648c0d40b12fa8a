"""Ways to answer, as written: names are followed, parts found, and each part gets all that holds for it."""
