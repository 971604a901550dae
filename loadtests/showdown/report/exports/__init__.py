"""Results in forms that other programs read. docs/exports.md describes them and says what is stable."""
