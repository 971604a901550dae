"""report.html: one page with charts, which needs no network."""
