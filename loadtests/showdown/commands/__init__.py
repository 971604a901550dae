"""One module for each command of `showdown`."""
