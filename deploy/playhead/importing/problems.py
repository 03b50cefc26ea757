"""What can be wrong with a file; the message is for the person who wants it imported."""


class Unimportable(Exception):  # noqa: N818
    """A file cannot be imported. Nothing of it was sent unless the message says so."""
