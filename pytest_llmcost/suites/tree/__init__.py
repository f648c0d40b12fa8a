"""Any file as a tree with places, and kinds that read such trees: nothing here knows what a suite is."""
