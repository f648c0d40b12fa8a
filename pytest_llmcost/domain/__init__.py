"""The nouns that travel between the rooms; this package knows none of them."""
