"""The ordered events of a window, page by page, in the bytes in which they are stored."""
