"""One module per command family; each brings its handlers, found by the command's type."""
