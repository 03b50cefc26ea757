"""A whole window as one file that other tools, and the importer, read."""
